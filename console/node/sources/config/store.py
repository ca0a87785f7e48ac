"""What the sources file says of the store: how long which board's history is kept; opens no store."""

from __future__ import annotations

from console.api import Value
from console.node.sources.config.check import Flaw

RAW_DAYS = 7.0
MINUTE_DAYS = 365.0
MOST_DAYS = 36_500.0


class BoardKeep(Value, frozen=True):
    """How long one board's samples are kept; 0 means as `[store]` says."""

    raw_days: float = 0.0
    minute_days: float = 0.0


class BoardsKeep(Value, frozen=True):
    """The boards that differ from the rest."""

    lifeline: BoardKeep = BoardKeep()
    public: BoardKeep = BoardKeep()
    production: BoardKeep = BoardKeep()
    natural: BoardKeep = BoardKeep()


class StoreSettings(Value, frozen=True):
    """`[store]`: each sample is kept `raw_days`, its minimum, maximum and mean of a minute `minute_days`."""

    raw_days: float = RAW_DAYS
    minute_days: float = MINUTE_DAYS
    boards: BoardsKeep = BoardsKeep()

    def of(self, board: str) -> BoardKeep:
        """What holds for a board, the rest filled in."""
        keep: BoardKeep = getattr(self.boards, board)
        return BoardKeep(raw_days=keep.raw_days or self.raw_days, minute_days=keep.minute_days or self.minute_days)


def store_flaws(settings: StoreSettings) -> list[Flaw]:
    """Flaws of the days: each between a day and a century, minutes no shorter than the samples themselves."""
    flaws = _days_flaws((), settings.raw_days, settings.minute_days)
    for board in BoardsKeep.__struct_fields__:
        keep = settings.of(board)
        if getattr(settings.boards, board) != BoardKeep() and not flaws:
            flaws += _days_flaws(("boards", board), keep.raw_days, keep.minute_days)
    return flaws


def _days_flaws(path: tuple[str | int, ...], raw_days: float, minute_days: float) -> list[Flaw]:
    for key, days in (("raw_days", raw_days), ("minute_days", minute_days)):
        if not 1 <= days <= MOST_DAYS:
            return [Flaw(path=(*path, key), found=f"{days:g}", expected=f"days from 1 to {MOST_DAYS:.0f}")]
    if minute_days < raw_days:
        expected = f"at least raw_days, {raw_days:g}"
        return [Flaw(path=(*path, "minute_days"), found=f"{minute_days:g}", expected=expected)]
    return []
