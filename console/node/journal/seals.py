"""The node's key and the signed checkpoints (seals) it sets on its journal; knows no store.

A seal says, signed: at this position the journal's running hash was this, and each origin stood there.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from console.api import ResourceError
from console.node.access.files import read_secret, write_secret
from console.node.journal.entry import ZERO, Origin
from console.node.journal.store import Seal

FILE: Final = "node.key"
PREFIX: Final = b"yilan.journal.seal.1\0"
SEAL_EVERY: Final = 256
"""Entries between two seals while many come."""
SEAL_AFTER_S: Final = 60.0
"""So long after an unsealed entry the next seal is set."""


class SealBody(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is signed: a MessagePack array of these. `tips` ascending; `previous` seal's hash."""

    v: int
    node: str
    epoch: str
    position: int
    wall_ns: int
    running: bytes
    tips: tuple[tuple[str, str, int, bytes], ...]
    previous: bytes
    public_key: bytes


class NodeKey:
    """The Ed25519 key of a node, in a file that only its owner may read; made at the first start."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        seed = read_secret(path)
        if seed is None:
            seed = os.urandom(32)
            write_secret(path, seed)
        if len(seed) != 32:
            raise ResourceError(f"{path} is no key: found {len(seed)} bytes, expected 32; restore it from the backup")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes_raw()

    def sign(self, body: bytes, prefix: bytes = PREFIX) -> bytes:
        """The signature of a seal's body, or with another `prefix` of something else's."""
        return self._private.sign(prefix + body)


def signed(public_key: bytes, body: bytes, signature: bytes, prefix: bytes = PREFIX) -> bool:
    """Whether the key's owner signed this body as a seal's, or with another `prefix` as something else's."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, prefix + body)
    except (InvalidSignature, ValueError):
        return False
    return True


def hash_of(seal: Seal | None) -> bytes:
    """What the next seal names as `previous`."""
    return sha256(seal.body + seal.signature).digest() if seal is not None else ZERO


def read_seal(seal: Seal) -> SealBody:
    """Raises msgspec.MsgspecError where the body is none."""
    return msgspec.msgpack.decode(seal.body, type=SealBody)


def make_seal(
    key: NodeKey,
    *,
    origin: Origin,
    position: int,
    running: bytes,
    wall_ns: int,
    tips: dict[Origin, tuple[int, bytes]],
    before: Seal | None,
) -> Seal:
    """The next seal."""
    body = msgspec.msgpack.encode(
        SealBody(
            v=1,
            node=origin.node,
            epoch=origin.epoch,
            position=position,
            wall_ns=wall_ns,
            running=running,
            tips=tuple((o.node, o.epoch, seq, hash_) for o, (seq, hash_) in sorted(tips.items())),
            previous=hash_of(before),
            public_key=key.public,
        )
    )
    number = before.number + 1 if before is not None else 1
    return Seal(number, position, body, key.sign(body))
