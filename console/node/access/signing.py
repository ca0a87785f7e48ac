"""A policy as signed bytes, and back: canonical MessagePack under the site's Ed25519 key; knows no time."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from console.api import BadInput, ResourceError, SettingsError
from console.node.access.files import read_secret, write_secret
from console.node.access.policy import Policy, faults

PREFIX: Final = b"yilan.policy.1\0"
MAX_BYTES: Final = 8 << 20
FORMAT: Final = 1
_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")


class Document(msgspec.Struct, frozen=True, array_like=True, gc=False, forbid_unknown_fields=True):
    """What travels between nodes: a MessagePack array of these.

    `body` is the policy, canonical; `issued_ns` UTC ns at which it was signed, newly at each renewal; the signature is
    over PREFIX and the array of the first three.
    """

    format: int
    body: bytes
    issued_ns: int
    signature: bytes


class Order(NamedTuple):
    """What makes one document newer than another: version, then issue; the hash only so that all nodes end alike."""

    version: int
    issued_ns: int
    digest: bytes


class Opened(NamedTuple):
    """A document whose signature and rules hold."""

    policy: Policy
    order: Order
    body_digest: bytes
    raw: bytes


class PolicyKey:
    """The key that signs a site's policies: in a file of its owner only. Whoever has it decides who may do what."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public: bytes = private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"PolicyKey({self.public.hex()[:16]}…)"

    @classmethod
    def at(cls, path: Path) -> PolicyKey | None:
        """The key kept there, None where there is none. Raises ResourceError."""
        seed = read_secret(path)
        if seed is None:
            return None
        if len(seed) != 32:
            raise ResourceError(f"{path} is no key: found {len(seed)} bytes, expected 32; restore it from the backup")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def new(cls, path: Path) -> PolicyKey:
        """A new key, kept there. Raises ResourceError where there is one already."""
        if path.exists():
            raise ResourceError(f"{path} is there already: a new key would make every policy of this site worthless")
        seed = os.urandom(32)
        write_secret(path, seed)
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, policy: Policy, issued_ns: int) -> bytes:
        """The document of a policy. Raises SettingsError naming what forbids it."""
        wrong = faults(policy)
        if wrong:
            raise SettingsError(f"the policy is not signed: {'; '.join(wrong[:5])}")
        return self._signed(_ENCODER.encode(policy), issued_ns)

    def renew(self, opened: Opened, issued_ns: int) -> bytes:
        """The same policy, issued anew: later than before, whatever the clock says."""
        body = msgspec.msgpack.decode(opened.raw, type=Document).body
        return self._signed(body, max(issued_ns, opened.order.issued_ns + 1))

    def _signed(self, body: bytes, issued_ns: int) -> bytes:
        signature = self._private.sign(_covered(body, issued_ns))
        return msgspec.msgpack.encode(Document(format=FORMAT, body=body, issued_ns=issued_ns, signature=signature))


def opened(raw: bytes, public_key: bytes) -> Opened:
    """The policy of a document. Raises BadInput where signature, form or a rule forbids it."""
    if len(raw) > MAX_BYTES:
        raise BadInput("the policy is too long", found=f"{len(raw)} bytes", expected=f"at most {MAX_BYTES}")
    document = _document(raw)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            document.signature, _covered(document.body, document.issued_ns)
        )
    except (InvalidSignature, ValueError) as error:
        raise BadInput("the policy is not signed by this site's key", tip="it is not used; ask who sent it") from error
    policy = _policy(document.body)
    wrong = faults(policy)
    if wrong:
        raise BadInput(f"the policy breaks a rule: {'; '.join(wrong[:5])}")
    order = Order(policy.version, document.issued_ns, sha256(raw).digest())
    return Opened(policy, order, sha256(document.body).digest(), raw)


def _document(raw: bytes) -> Document:
    try:
        document = msgspec.msgpack.decode(raw, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(f"these bytes are no signed policy ({error})") from error
    if document.format != FORMAT:
        tip = "update this node: the policy comes from a newer one"
        raise BadInput("signed policy", found=f"format {document.format}", expected=str(FORMAT), tip=tip)
    return document


def _policy(body: bytes) -> Policy:
    try:
        policy = msgspec.msgpack.decode(body, type=Policy)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # a field that this program does not know may well be a prohibition: better no policy than half of one
        tip = "a newer program wrote it: update this node"
        raise BadInput(f"the policy cannot be read ({error})", tip=tip) from error
    if _ENCODER.encode(policy) != body:
        raise BadInput("the policy is not in canonical form", expected="deterministic MessagePack without defaults")
    return policy


def _covered(body: bytes, issued_ns: int) -> bytes:
    return PREFIX + msgspec.msgpack.encode((FORMAT, body, issued_ns))
