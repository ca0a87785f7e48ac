"""How long which part of the past is kept; deletes nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from console.api import Board, Value
from console.posix import write_whole

NAME: Final = "retention.json"
"""What the node that records into a folder keeps: an import beside it goes by the same."""


class Keep(Value, frozen=True, kw_only=True):
    """Days that one board's samples are kept: each as it came, by the minute, and by the hour."""

    raw_days: float = 7.0
    minute_days: float = 366.0
    hour_days: float = 3_653.0


class Retention(Value, frozen=True, kw_only=True):
    """What is kept of all boards, and of boards that differ. A file goes when no board wants it any more."""

    default: Keep = Keep()
    boards: Mapping[Board, Keep] = msgspec.field(default_factory=dict)

    def of(self, board: str) -> Keep:
        """What holds for a board; "" and unknown boards have the default."""
        return next((keep for known, keep in self.boards.items() if known == board), self.default)

    def longest(self) -> Keep:
        """How long a file is wanted by any board."""
        every = (self.default, *self.boards.values())
        return Keep(
            raw_days=max(keep.raw_days for keep in every),
            minute_days=max(keep.minute_days for keep in every),
            hour_days=max(keep.hour_days for keep in every),
        )


def remember(folder: Path, keep: Retention) -> None:
    """Note what a folder's node keeps. Raises OSError."""
    write_whole(folder / NAME, msgspec.json.encode(keep))


def remembered(folder: Path) -> Retention:
    """What the folder's last node kept; what a node keeps by default where none has run, or none can say."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Retention)
    except (OSError, msgspec.DecodeError):
        return Retention()
