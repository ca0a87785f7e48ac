"""The four boards' alarm counts in the top bar, as many of them as there is room for; knows no alarm's state."""

from __future__ import annotations

from collections import Counter
from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from console.api import Board, Sensor
from console.shell.bar_signs import paint_text
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from widgets.kit.shapes import paint_badge
from widgets.kit.text import MISSING, text_width

BOARDS: Final = (Board.LIFELINE, Board.PUBLIC, Board.PRODUCTION, Board.NATURAL)


def board_name(board: Board, short: bool) -> str:
    """A board's name in the present language; `short` for narrow screens."""
    long_names = {
        Board.LIFELINE: QCoreApplication.translate("TopBar", "Lifeline"),
        Board.PUBLIC: QCoreApplication.translate("TopBar", "Public safety"),
        Board.PRODUCTION: QCoreApplication.translate("TopBar", "Production safety"),
        Board.NATURAL: QCoreApplication.translate("TopBar", "Natural hazards"),
    }
    short_names = {
        Board.LIFELINE: QCoreApplication.translate("TopBar", "Lifeline"),
        Board.PUBLIC: QCoreApplication.translate("TopBar", "Public"),
        Board.PRODUCTION: QCoreApplication.translate("TopBar", "Works"),
        Board.NATURAL: QCoreApplication.translate("TopBar", "Natural"),
    }
    return (short_names if short else long_names)[board]


def kept_boards(counts: dict[Board, Counter[int]], wide: dict[Board, float], room: float) -> list[Board]:
    """The boards that fit into `room` px: calm ones go first, then those whose worst alarm is the mildest."""
    kept = list(BOARDS)
    while len(kept) > 1 and sum(wide[board] for board in kept) > room:
        kept.remove(max(reversed(kept), key=lambda board: min(counts[board], default=9)))
    return kept


class BoardCounts:
    """Measured and painted for one top bar, of the alarms as they are at that moment."""

    def __init__(self, session: Session, style: ScreenStyle) -> None:
        self._session = session
        self._style = style

    @property
    def least_px(self) -> float:
        """The room that all four take with their short names."""
        return sum(self._measured(short=True)[1])

    def _measured(self, short: bool) -> tuple[dict[Board, Counter[int]], list[float]]:
        """Counts of alarm groups by board and priority, and how wide each board stands."""
        sensors = self._session.desk.entities(Sensor)
        counts: dict[Board, Counter[int]] = {board: Counter() for board in BOARDS}
        for group in self._session.groups:
            sensor = sensors.get(group.head.sensor)
            if sensor is not None:
                counts[sensor.board][group.head.priority] += 1
        return counts, [self._board_px(board_name(board, short), counts[board]) for board in BOARDS]

    def paint(self, p: QPainter, x: float, right: float, height: float) -> None:
        """Paint those that fit between `x` and `right`."""
        counts, widths = self._measured(short=False)
        short = self._style.role != "desk" or x + sum(widths) > right
        if short:
            counts, widths = self._measured(short=True)
        wide = dict(zip(BOARDS, widths, strict=True))
        kept = kept_boards(counts, wide, right + 20 * self._gap - x)
        if self._style.role == "wall":
            x = max(x, right - sum(wide[board] for board in kept))
        for board in kept:
            self._paint_board(p, x, height, board_name(board, short), counts[board])
            x += wide[board]

    @property
    def _none(self) -> str:
        """No alarms where streams are known; nothing known is not nothing."""
        return "0" if self._session.desk.entities(Sensor) else MISSING

    @property
    def _gap(self) -> float:
        return self._style.scale * (0.36 if self._style.role == "wall" else 1.0)

    @property
    def _sign_px(self) -> float:
        return (13 if self._style.role == "wall" else 14) * self._style.scale

    @property
    def _count_px(self) -> float:
        return (13 if self._style.role == "wall" else 15) * self._style.scale

    def _board_px(self, name: str, counts: Counter[int]) -> float:
        s, gap = self._style.scale, self._gap
        width = text_width(name, 13 * s) + 20 * gap
        if not counts:
            return width + text_width(self._none, 13 * s) + 8 * gap
        return width + sum(self._sign_px + 13 * gap + text_width(str(n), self._count_px, True) for n in counts.values())

    def _paint_board(self, p: QPainter, x: float, height: float, name: str, counts: Counter[int]) -> None:
        s, gap = self._style.scale, self._gap
        x = paint_text(p, x, height, name, 13 * s, shade="text2") + 8 * gap
        if not counts:
            paint_text(p, x, height, self._none, 13 * s, shade="muted")
        for priority in sorted(counts):
            size = self._sign_px
            paint_badge(p, QRectF(x, (height - size) / 2, size, size), priority, filled=True, number=False)
            x = paint_text(p, x + size + 5 * gap, height, str(counts[priority]), self._count_px, bold=True) + 8 * gap
