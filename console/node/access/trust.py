"""A site's trust file: its public policy key with the policy of the day, for nodes that do not hold the key.

It is no secret, and can make nobody anything: what is in it is signed. Carried again, it brings the newer policy.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

import msgspec

from console.api import BadInput, RefusedError, ResourceError, Value
from console.node.access.files import read_secret, write_secret
from console.node.access.office import KEY
from console.node.access.shelf import DOCUMENT
from console.node.access.signing import PolicyKey, opened
from console.node.state import access_folder

PINNED: Final = "site.pub"
MAKE: Final = "make it on the node that holds the policy's key: `main.py certs trust FILE`"


class SiteTrust(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds: `policy_key` hex, `policy` the signed document in base64."""

    site: str
    policy_key: str
    policy: str

    @property
    def public(self) -> bytes:
        """The key. Raises BadInput."""
        try:
            key = bytes.fromhex(self.policy_key)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise BadInput(
                "the trust file's policy_key", found=self.policy_key[:80], expected="64 hex digits", tip=MAKE
            )
        return key

    @property
    def document(self) -> bytes:
        """The signed policy. Raises BadInput."""
        try:
            return base64.b64decode(self.policy, validate=True)
        except ValueError as error:
            raise BadInput(
                "the trust file's policy", found="no base64", expected="a signed policy", tip=MAKE
            ) from error


def main(name: str, state: Path) -> int:
    """`main.py certs trust FILE`; 0. Raises YilanError: what is wrong, and what to do."""
    if not name:
        raise BadInput("certs trust", found="no file", expected="certs trust FILE, to be carried to the other nodes")
    file = Path(name).resolve()
    made = hand_over(access_folder(state, simulated=False), file)
    print(f"{file}: site '{made.site}', policy key {made.policy_key[:16]}…; give it to the other nodes with --trust")
    return 0


def hand_over(folder: Path, file: Path) -> SiteTrust:
    """Write the trust file of the site whose key lies in `folder`. Raises BadInput, ResourceError."""
    key, document = PolicyKey.at(folder / KEY), read_secret(folder / DOCUMENT)
    if key is None or document is None:
        expected = "the data folder of the node that holds the site's policy key, after its first start"
        raise BadInput(
            str(folder), found=f"no {KEY if key is None else DOCUMENT}", expected=expected, tip="give --state"
        )
    policy = opened(document, key.public).policy
    made = SiteTrust(site=policy.site, policy_key=key.public.hex(), policy=base64.b64encode(document).decode())
    write_secret(file, msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    return made


def read_trust(file: Path) -> SiteTrust:
    """What a trust file says. Raises BadInput, ResourceError."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=SiteTrust)
    except OSError as error:
        raise ResourceError(f"{file} cannot be read ({error.strerror}); {MAKE}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(str(file), found=str(error), expected="a site's trust file", tip=MAKE) from error


def trusted_key(folder: Path, own: PolicyKey | None, trust: SiteTrust | None) -> bytes | None:
    """Whose policies this node takes: its own key's, else that of the site it was given once, for good; None nobody's.

    Raises RefusedError where it is given another site's later.
    """
    pinned = read_secret(folder / PINNED)
    known = own.public if own is not None else pinned
    if trust is None:
        return known
    if known is not None and known != trust.public:
        raise RefusedError(
            f"--trust: this node belongs to another site: its policy key begins with {known.hex()[:16]}, that of "
            f"'{trust.site}' with {trust.policy_key[:16]}; for a new site give another --state"
        )
    if known is None:
        opened(trust.document, trust.public)
        write_secret(folder / PINNED, trust.public)
    return trust.public
