"""The newest policy that a node knows, on disk, and how old it is; knows the site's public key, never who signs.

A lower version never replaces a higher one, not even after a restart or where the file of the higher is damaged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from console.api import NS, BadInput, Text, Value
from console.node.access.files import read_secret, write_secret
from console.node.access.policy import Policy
from console.node.access.signing import Opened, Order, opened
from console.node.access.steady import Steady

HOUR_NS: Final = 3600 * NS
DOCUMENT: Final = "policy.signed"
RECEIPT: Final = "policy.receipt"


class Receipt(Value, frozen=True, kw_only=True):
    """What is remembered of the newest document beside itself: its order, its age when it came, when that was."""

    order: Order
    body_digest: bytes
    age_ns: int
    steady_ns: int


class Offered(Value, frozen=True, kw_only=True):
    """What became of a document: taken, or why not. `forked`: two policies bear one version, two signed at once."""

    taken: bool
    version: int
    reason: Text = Text("")
    forked: bool = False


class Age(Value, frozen=True, kw_only=True):
    """For the screen: the policy's version (0: there is none), how old it is, how long it still holds (never < 0)."""

    version: int
    age_ns: int
    left_ns: int

    @property
    def expired(self) -> bool:
        """Only emergency acts in the own area may be done now."""
        return self.left_ns == 0


class Shelf:
    """Holds the newest policy.

    Args:
        folder: where it is kept between runs.
        trusted: the site's public policy key.
        steady: the clock that ages are counted on.
    """

    def __init__(self, folder: Path, trusted: bytes, steady: Steady) -> None:
        self._folder, self._trusted, self._steady = folder, trusted, steady
        self._opened: Opened | None = None
        self._receipt: Receipt | None = None
        self.trouble = ""
        """What was wrong with the files found at `open`, "" when nothing."""

    def open(self) -> None:
        """Take up what an earlier run kept. A damaged file is told in `trouble`, left as it is, and not used."""
        try:
            kept = read_secret(self._folder / RECEIPT)
            self._receipt = msgspec.msgpack.decode(kept, type=Receipt) if kept else None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self.trouble = f"{self._folder / RECEIPT} cannot be read ({error})"
        raw = read_secret(self._folder / DOCUMENT)
        if raw is None:
            return
        try:
            self._opened = self._not_older(opened(raw, self._trusted))
        except BadInput as error:
            self.trouble = f"{self._folder / DOCUMENT}: {error}"
            return
        known, now = self._receipt, self._received(self._opened)
        if known is None or known.order != self._opened.order:
            self._receipt = now
        elif known.steady_ns > now.steady_ns:  # the clock was lost: the wall clock tells, never less than was known
            self._receipt = msgspec.structs.replace(now, age_ns=max(now.age_ns, known.age_ns))

    def _not_older(self, found: Opened) -> Opened:
        if self._receipt is not None and found.order < self._receipt.order:
            known = self._receipt.order.version
            raise BadInput("it was put back", found=f"version {found.policy.version}", expected=f"{known}, known here")
        return found

    @property
    def policy(self) -> Policy | None:
        """The newest valid one, None before the first."""
        return self._opened.policy if self._opened else None

    @property
    def document(self) -> bytes | None:
        """Its signed bytes: what other nodes are offered, and what is renewed."""
        return self._opened.raw if self._opened else None

    @property
    def opened(self) -> Opened | None:
        """The newest document, opened."""
        return self._opened

    def offer(self, raw: bytes) -> Offered:
        """Take a document that is newer than ours; on disk before this returns.

        Raises BadInput where it is not this site's or breaks a rule, ResourceError where it cannot be kept.
        """
        new = opened(raw, self._trusted)
        version, known = new.policy.version, self._receipt
        forked = known is not None and version == known.order.version and new.body_digest != known.body_digest
        if known is not None and new.order < known.order:
            newer = known.order.version
            reason = Text(f"已有更新的策略（第 {newer} 版）", f"version {newer}, known here, is newer")
            return Offered(taken=False, version=version, reason=reason, forked=forked)
        if self._opened is not None and new.order == self._opened.order:
            return Offered(taken=False, version=version, reason=Text("已有此策略", "known already"))
        receipt = known if known is not None and new.order == known.order else self._received(new)
        # the receipt last: a crash between both leaves a document newer than its receipt, which `open` takes
        write_secret(self._folder / DOCUMENT, raw)
        write_secret(self._folder / RECEIPT, msgspec.msgpack.encode(receipt))
        self._opened, self._receipt, self.trouble = new, receipt, ""
        return Offered(taken=True, version=version, forked=forked)

    def _received(self, new: Opened) -> Receipt:
        age_ns = max(0, self._steady.wall_ns() - new.order.issued_ns)  # a signer's clock ahead of ours makes none
        return Receipt(
            order=new.order,
            body_digest=new.body_digest,
            age_ns=age_ns,
            steady_ns=self._steady.now_ns(),
        )

    def age(self) -> Age:
        """How old the policy is now."""
        if self._opened is None or self._receipt is None:
            return Age(version=0, age_ns=0, left_ns=0)
        age_ns = self._receipt.age_ns + max(0, self._steady.now_ns() - self._receipt.steady_ns)
        left_ns = max(0, self._opened.policy.valid_h * HOUR_NS - age_ns)
        return Age(version=self._opened.policy.version, age_ns=age_ns, left_ns=left_ns)

    @property
    def expires_ns(self) -> int:
        """When, on the steady clock, the policy stops being valid; 0 without one."""
        if self._opened is None or self._receipt is None:
            return 0
        return self._receipt.steady_ns - self._receipt.age_ns + self._opened.policy.valid_h * HOUR_NS
