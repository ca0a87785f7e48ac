"""The second factor: six digits of a shared secret and the time (RFC 6238); knows no account."""

from __future__ import annotations

import base64
import hmac
import os
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S: Final = 30
DIGITS: Final = 6
AROUND: Final = 1
"""Steps before and after ours that count too: phones' clocks are off by seconds."""


def new_secret() -> bytes:
    """160 random bits."""
    return os.urandom(20)


def matching_step(secret: bytes, code: str, wall_s: float, after_step: int) -> int | None:
    """The step whose code this is, None where it is none; steps up to `after_step` were used and count no more.

    `wall_s`: seconds since 1970; the phone knows no other clock.
    """
    now = int(wall_s) // STEP_S
    found = None
    for step in range(now - AROUND, now + AROUND + 1):
        if hmac.compare_digest(_code(secret, step), code.strip().encode()) and step > after_step and step >= 0:
            found = step
    return found


def enrolment_uri(secret: bytes, name: str, site: str) -> str:
    """What an authenticator reads as a QR code; show it once, to the person alone."""
    issuer, account = quote(site, safe=""), quote(name, safe="")
    told = f"secret={base32(secret)}&issuer={issuer}&digits={DIGITS}&period={STEP_S}"
    return f"otpauth://totp/{issuer}:{account}?{told}"


def base32(secret: bytes) -> str:
    """The secret as it is typed into an authenticator, without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def _code(secret: bytes, step: int) -> bytes:
    return TOTP(secret, DIGITS, SHA1(), STEP_S, enforce_key_length=False).generate(max(0, step) * STEP_S)
