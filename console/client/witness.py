"""The last answer `saved` of each node and epoch, kept where that node cannot change it; knows no link and no journal.

Its lines are what `main.py audit verify --witness` reads: node, epoch, sequence, hash.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from console.wire.frames import IntentAnswer

log = logging.getLogger(__name__)
FILE: Final = "witnesses.txt"
KEPT: Final = 100
"""Origins that are remembered; of more the oldest go."""


VERSION: Final = 1
"""A file of another one says so in its first line, `# version N`; this one needs no such line."""


class Witnesses:
    """The file at `path`, None: memory alone. One that cannot be read or written is logged and done without.

    A newer version's is left as it is; a line that is none is left out, and the others stay.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.last: dict[tuple[str, str], tuple[int, str]] = {}
        """(sequence, hash) by (node, epoch)."""
        try:
            lines = path.read_text("utf-8").splitlines() if path is not None and path.exists() else []
            self._read(lines)
        except (OSError, UnicodeDecodeError) as error:
            log.warning("%s: %s", path, error)

    def _read(self, lines: list[str]) -> None:
        if lines[:1] and (version := _version(lines[0])) > VERSION:
            log.error("%s: found version %d, expected at most %d; nothing is kept in it", self._path, version, VERSION)
            self._path = None
            return
        for number, line in enumerate(lines, 1):
            try:
                node, epoch, seq, hash_ = line.split()
                self.last[node, epoch] = (int(seq), hash_)
            except ValueError:
                if line.strip() and not line.startswith("#"):
                    log.warning("%s line %d is no witness: %r", self._path, number, line[:200])

    def take(self, answer: IntentAnswer) -> None:
        """Keep what an answer `saved` bears where it is newer than what is kept."""
        origin = (answer.origin, answer.epoch)
        if not answer.head or not all(origin) or self.last.get(origin, (0, ""))[0] >= answer.entry:
            return
        self.last.pop(origin, None)
        self.last[origin] = (answer.entry, answer.head)
        while len(self.last) > KEPT:
            del self.last[next(iter(self.last))]
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        lines = [f"{node} {epoch} {seq} {hash_}\n" for (node, epoch), (seq, hash_) in self.last.items()]
        part = self._path.with_suffix(".part")
        try:
            part.write_text("".join(lines), "utf-8")
            part.replace(self._path)
        except OSError as error:
            log.warning("%s: %s", self._path, error)


def _version(line: str) -> int:
    words = line.split()
    return int(words[2]) if words[:2] == ["#", "version"] and len(words) == 3 and words[2].isdecimal() else VERSION
