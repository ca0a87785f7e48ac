"""The one error tree; knows nothing but text.

YilanError
├── BadInput            what a person or a file gave is wrong (found, expected, tip, where)
│   ├── SettingsError   a TOML, layout or command line
│   └── WireError       bytes from a peer
├── SourceError         a source cannot go on; its supervisor backs off and restarts it
├── LinkError           the node cannot be reached, or refused us
├── RefusedError        a rule or a right forbids the act; names the rule
└── ResourceError       the machine lacks something (port, disk, codec, package)
    └── JournalError    what should have been saved is not: disk full, failed or damaged
"""

from __future__ import annotations


class YilanError(Exception):
    """Root of every error Yilan raises on purpose; `str()` is fit for an operator."""


class BadInput(YilanError):
    """Input that cannot be used.

    Args:
        what: one sentence naming the thing, e.g. "sources.toml line 12, key 'file'".
        found: what was there.
        expected: what would be right.
        tip: what to do, or "".
        zh: all of it in Chinese, for what a person typed at a console; "" as the message.
    """

    def __init__(self, what: str, *, found: str = "", expected: str = "", tip: str = "", zh: str = "") -> None:
        self.what, self.found, self.expected, self.tip, self.zh = what, found, expected, tip, zh
        parts = [what]
        if found:
            parts.append(f"found {found}")
        if expected:
            parts.append(f"expected {expected}")
        if tip:
            parts.append(tip)
        super().__init__("; ".join(parts))


class SettingsError(BadInput):
    """A settings, source or layout file, or a command line, that cannot be used."""


class WireError(BadInput):
    """Bytes from a peer that are no frame of ours."""


class SourceError(YilanError):
    """A source cannot go on; its supervisor backs off and starts it again."""


class LinkError(YilanError):
    """The node cannot be reached, or refused the session."""


class RefusedError(YilanError):
    """A rule or a right forbids the act; the message names the rule, `zh` the same in Chinese, "" as the message.

    `code` is the node's word on the wire or "".
    """

    def __init__(self, message: str = "", *, zh: str = "", code: str = "") -> None:
        self.code, self.zh = code, zh or message
        super().__init__(message)


class ResourceError(YilanError):
    """The machine lacks something: a port, disk space, a codec, a package."""


class JournalError(ResourceError):
    """The journal cannot save; nothing acknowledged before is touched.

    `reason`: full io unknown damaged busy newer version.
    """

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)
