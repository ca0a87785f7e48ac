"""The root of all messages of wire v1; knows none of them."""

from __future__ import annotations

import msgspec

from console.api import LIVE


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="m", omit_defaults=True):
    """Root of all messages. `context`: "live", "replay:<id>" or "drill:<id>"."""

    context: str = LIVE


class Secretive(Message, frozen=True, kw_only=True):
    """Root of messages that hold secrets: they print their names alone, in no log anything more."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"
