"""What the sources file says of the store: how long which board's history is kept; opens no store."""

from __future__ import annotations

from console.api import Board, Value
from console.node.sources.config.check import Flaw
from console.node.telemetry.retention import Keep, Retention

MOST_DAYS = 36_500.0


class BoardKeep(Value, frozen=True):
    """How long one board's samples are kept; 0 means as `[store]` says."""

    raw_days: float = 0.0
    minute_days: float = 0.0
    hour_days: float = 0.0


class BoardsKeep(Value, frozen=True):
    """The boards that differ from the rest."""

    lifeline: BoardKeep = BoardKeep()
    public: BoardKeep = BoardKeep()
    production: BoardKeep = BoardKeep()
    natural: BoardKeep = BoardKeep()


class StoreSettings(Value, frozen=True):
    """`[store]`: days that each sample is kept, and lowest, highest and mean of a minute and of an hour."""

    raw_days: float = Keep().raw_days
    minute_days: float = Keep().minute_days
    hour_days: float = Keep().hour_days
    boards: BoardsKeep = BoardsKeep()

    def of(self, board: str = "") -> Keep:
        """What holds for a board, "" for those that do not differ."""
        own = getattr(self.boards, board) if board else BoardKeep()
        return Keep(
            raw_days=own.raw_days or self.raw_days,
            minute_days=own.minute_days or self.minute_days,
            hour_days=own.hour_days or self.hour_days,
        )

    def retention(self) -> Retention:
        """The same in the store's own words."""
        boards = {board: self.of(board) for board in Board if getattr(self.boards, board) != BoardKeep()}
        return Retention(default=self.of(), boards=boards)


DEMO = StoreSettings(raw_days=1.0, minute_days=31.0, hour_days=366.0)
"""A demo city is no evidence: what it showed yesterday is enough."""


def store_flaws(settings: StoreSettings) -> list[Flaw]:
    """Flaws of the days: each between a day and a century, the coarser kept no shorter than the finer."""
    flaws = _days_flaws((), settings.of())
    for board in BoardsKeep.__struct_fields__:
        flaws = flaws or _days_flaws(("boards", board), settings.of(board))
    return flaws


def _days_flaws(path: tuple[str | int, ...], keep: Keep) -> list[Flaw]:
    finer, least = "", 1.0
    for key in ("raw_days", "minute_days", "hour_days"):
        days: float = getattr(keep, key)
        if not 1 <= days <= MOST_DAYS:
            return [Flaw(path=(*path, key), found=f"{days:g}", expected=f"days from 1 to {MOST_DAYS:.0f}")]
        if days < least:
            return [Flaw(path=(*path, key), found=f"{days:g}", expected=f"at least {finer}, {least:g}")]
        finer, least = key, days
    return []
