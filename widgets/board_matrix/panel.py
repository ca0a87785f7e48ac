"""The board matrix: one cell a domain and town; only trouble has a colour. Clicks select what is worst in a cell."""

from __future__ import annotations

import math
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent

from console.api import NS, Alarm, Area, Board, Domain, Frame, Header, Host, Incident, Selector, Sensor, Text
from widgets.board_matrix.cells import Cell, Grid
from widgets.board_matrix.paint import CellPainter
from widgets.board_matrix.spec import BoardMatrixSettings
from widgets.kit.afar import CAPTION, paint_caption, whole_words
from widgets.kit.alarm_groups import SHOWN, urgency
from widgets.kit.blink import blink
from widgets.kit.body import PanelBody
from widgets.kit.covers import right_of
from widgets.kit.names import short_area
from widgets.kit.subject import Asking
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look, mixed

translate = QCoreApplication.translate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
BOARD_NAMES: Final = {
    Board.LIFELINE: Text("生命线", "Lifeline"),
    Board.PUBLIC: Text("公共", "Public"),
    Board.PRODUCTION: Text("生产", "Works"),
    Board.NATURAL: Text("自然", "Nature"),
}
ROW_MIN_PX: Final = 14.5
ROW_MAX_PX: Final = 30
WALL_ROW_MIN_PX: Final = 18
WALL_ROW_MAX_PX: Final = 60
CELL_MIN_PX: Final = 44
"""Where cells would be narrower the count of streams is left out."""
STEP_PX: Final = 14
"""So much lower stands each next heading where they would not fit side by side, in `MOST_STEPS` steps at most."""
MOST_STEPS: Final = 5


class BoardMatrixPanel(PanelBody[BoardMatrixSettings]):
    """See the module."""

    title = Text("四板块总览", "Four boards")

    def __init__(self, host: Host, settings: BoardMatrixSettings) -> None:
        super().__init__(host, settings)
        self._domains: list[Domain] = []
        self._columns: list[Area] = []
        self._grid: Grid | None = None
        self._cells: list[Cell] = []
        self._at = -1
        self._second = -1
        self._rows_of_all = 0
        self._trades: dict[str, Text] = {}
        """Names of the trades of whole boards: a high cell says which of them is in trouble."""
        self._whole_boards = False
        self._asking = Asking(host, settings.about)
        self._painter = CellPainter(self.px, wall=host.role == "wall")
        self._labels_left = self._cells_left = self._streams_width = self._step = 0.0
        self._steps = 1
        self._rects: list[QRectF] = []
        """Of the cells, row by row; measuring them for every one that is looked at would cost more than painting."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        blink.changed.connect(self._blinked)
        host.subscribe(Selector())

    # ------------------------------------------------------------------ frames

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        other = frame.seeked or frame.selection_changed or frame.entities & {Incident.CLS, Area.CLS}
        if other and self._asking.look():
            self._grid = None
        anew = self._grid is None or frame.seeked or bool(frame.entities & {Sensor.CLS, Area.CLS, Domain.CLS})
        if anew:
            self._rebuild()
        second = frame.now_ns // NS
        if anew or Alarm.CLS in frame.entities or second != self._second:
            self._second = second
            self._refresh()
        if frame.selection_changed:
            self.update()

    def _rebuild(self) -> None:
        areas = self.host.entities(Area)
        root = self.settings.area or next((a.id for a in areas.values() if a.parent not in areas), "")
        self._columns = [area for area in areas.values() if area.parent == root]
        self._columns.sort(key=lambda area: area.id != self._marked)  # the others stay in their order
        order, wanted = list(Board), self.settings.boards or tuple(Board)
        every = sorted(self.host.entities(Domain).values(), key=lambda d: (order.index(d.board), d.order, d.id))
        known = [domain for domain in every if domain.board in wanted]
        self._rows_of_all = len(known)
        self._whole_boards = self._too_low()
        if self._whole_boards:
            boards = list(dict.fromkeys(domain.board for domain in known))
            self._domains = [Domain(id=board.value, board=board, name=BOARD_NAMES[board]) for board in boards]
        else:
            self._domains = known
        board_of = {domain.id: domain.board.value for domain in known} if self._whole_boards else {}
        sensors = self.host.entities(Sensor).values()
        self._grid = Grid(self._domains, [area.id for area in self._columns], sensors, areas, board_of)
        self._trades = {domain.id: domain.name for domain in known} if self._whole_boards else {}
        self._cells = []
        self._measure()
        self.update()

    def _too_low(self) -> bool:
        """Whether a row for every trade would be lower than its text: whole boards are shown instead."""
        least = ROW_MIN_PX if self.host.role != "wall" else WALL_ROW_MIN_PX
        return (self.height() - self._top - self.px(28)) < max(self.px(least), self.host.target_px) * self._rows_of_all

    @property
    def _top(self) -> float:
        """Height of a wall's caption, where tiles have no header; none where the rows need the room."""
        em = self.host.text_px
        return CAPTION * em if self.host.role == "wall" and self.height() >= 10 * em else 0.0

    @property
    def _marked(self) -> str:
        """The column of what is asked about, "" none."""
        return self._asking.subject.area if self._asking.subject is not None else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._grid is not None and self._too_low() != self._whole_boards:
            self._rebuild()
            self._refresh()
        self._measure()

    def _refresh(self) -> None:
        grid = self._grid
        if grid is None or not grid.ids:
            self.host.header(Header(data_ns=self.host.link.last_data_ns))
            return
        latest = self.host.latest(grid.ids)
        alarms = self.host.entities(Alarm).values()
        cells = grid.cells(latest, alarms, self.now_ns, self.host.link.since_ns)
        old, self._cells = self._cells, cells
        if len(old) != len(cells):
            self.update()
        else:
            for i, (before, now) in enumerate(zip(old, cells, strict=True)):
                if not _same(before, now):
                    self.update(self._rects[i].toAlignedRect())
        blink.hold(self, any(cell.priority and cell.open for cell in cells))
        scope = self._asking.words(translate("BoardMatrix", "bar: how near the worst stream is to its limit"))
        self.host.header(Header(scope=scope, data_ns=int(latest.t_ns.max(initial=0))))

    def _blinked(self, _on: object) -> None:
        for i, cell in enumerate(self._cells):
            if cell.priority and cell.open:
                self.update(self._rects[i].toAlignedRect())

    # ------------------------------------------------------------------ geometry

    def _measure(self) -> None:
        """Where labels, cells and the count of streams stand, from the texts in the language of now."""
        language, px = self.host.language, self.px
        names = max((text_width(d.name.of(language), self._painter.small) for d in self._domains), default=0.0)
        self._labels_left = px(12) if self._whole_boards else px(28)
        self._cells_left = self._labels_left + max(names + px(12), px(60))
        wide = max(text_width(translate("BoardMatrix", "Streams"), self._painter.small) + px(18), px(56))
        room = self.width() - self._cells_left - wide - px(6)
        heads = max(
            (text_width(short_area(area, language), self._painter.small) for area in self._columns), default=0.0
        )
        least = max(px(CELL_MIN_PX), heads if self.host.role == "wall" else 0.0)
        self._streams_width = wide if room >= least * len(self._columns) else 0.0
        fit = math.ceil(heads / max(1.0, self._column_width - px(3)))
        self._steps = 1 if self._column_width >= heads else max(2, min(fit, MOST_STEPS))
        self._step = px(STEP_PX) * (self._steps - 1)
        width, height = self._column_width, self._row_height()
        tops = [self._row_top(row) for row in range(len(self._domains))]
        lefts = [self._cells_left + column * width for column in range(len(self._columns))]
        self._rects = [QRectF(left, top, width, height) for top in tops for left in lefts]

    @property
    def _column_width(self) -> float:
        columns = max(1, len(self._columns))
        return (self.width() - self._cells_left - self._streams_width - self.px(6)) / columns

    def _head_rect(self, column: int) -> QRectF:
        """Where a heading stands; one of two lines has its neighbours' halves besides."""
        down = self.px(STEP_PX) * (column % self._steps)
        width, top = self._column_width, self._top + self.px(2) + down
        box = QRectF(self._cells_left + column * width, top, width, self.px(22))
        more = width * (self._steps - 1) / 2
        return box.adjusted(-min(more, box.left()), 0, min(more, self.width() - box.right()), 0)

    def _row_height(self) -> float:
        room = self.height() - self._top - self.px(28) - self._step
        most = ROW_MAX_PX if self.host.role != "wall" else WALL_ROW_MAX_PX
        return min(room / max(1, len(self._domains)), max(self.px(most), self.host.target_px))

    def _row_top(self, row: int) -> float:
        return self._top + self.px(25) + self._step + row * self._row_height()

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t = QPainter(self), look.tokens
        p.fillRect(event.rect(), t.tile)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._cells or not self._domains or not self._columns:
            self._paint_nothing(p)
            return
        dirty = event.region()
        self._paint_frame(p, dirty)
        calm = mixed(t.raised, t.tile, 0.55)
        for place, (cell, rect) in enumerate(zip(self._cells, self._rects, strict=True)):
            if cell.sensors and dirty.intersects(rect.toAlignedRect()):
                self._painter.paint(p, rect.adjusted(1.5, 1.5, -1.5, -1.5), cell, calm, self._trade_of(cell))
                if place == self._at and self.hasFocus():
                    p.setPen(QPen(t.focus, 2))
                    p.setBrush(Qt.BrushStyle.NoBrush)
                    p.drawRect(rect.adjusted(1, 1, -1, -1))

    def _paint_nothing(self, p: QPainter) -> None:
        p.setFont(font(self.px(13)))
        p.setPen(look.tokens.text2)
        text = translate("BoardMatrix", "Waiting for sensors with domain and area")
        if self.host.role == "wall":
            text = whole_words(text, self.px(13), self.width() - self.px(24))
        draw_elided(p, QRectF(self.px(12), self.px(16), self.width() - self.px(24), self.px(24)), LEFT, text)

    def _paint_frame(self, p: QPainter, dirty: QRegion) -> None:
        """Headings, names and counts, those that `dirty` touches."""
        t, px, language = look.tokens, self.px, self.host.language
        p.setFont(font(self._painter.small))
        p.setPen(t.text2)
        if self._touches(dirty, QRectF(0, 0, self.width(), self._row_top(0))):
            self._paint_heads(p)
        right = self.width() - px(12)
        label_left, label_width = self._labels_left, self._cells_left - self._labels_left
        last, height = self._streams_width, self._row_height()
        streams = self._grid.streams if self._grid is not None else []
        board = None
        for row, domain in enumerate(self._domains):
            top = self._row_top(row)
            if domain.board is not board:
                board = domain.board
                p.fillRect(QRectF(px(10), top - 0.5, self.width() - px(22), 1), t.line)
                if not self._whole_boards:
                    self._paint_board(p, board, row, dirty)
            name, number = QRectF(label_left, top, label_width, height), QRectF(right - last, top, last, height)
            p.setFont(font(self._painter.small))
            if self._touches(dirty, name):
                p.setPen(t.text)
                draw_elided(p, name, LEFT, domain.name.of(language))
            if last and self._touches(dirty, number):
                p.setPen(t.text2)
                draw_elided(p, number, RIGHT, str(streams[row]) if row < len(streams) else "")

    def _touches(self, dirty: QRegion, box: QRectF) -> bool:
        """Whether something of a box's text, which may be taller than its row, is to be painted."""
        return dirty.intersects(box.adjusted(0, -self.px(6), 0, self.px(6)).toAlignedRect())

    def _paint_heads(self, p: QPainter) -> None:
        language, px, last = self.host.language, self.px, self._streams_width
        for i, area in enumerate(self._columns):
            box, marked = self._head_rect(i), area.id == self._marked
            p.setFont(font(self._painter.small, bold=marked))
            p.setPen(look.tokens.text if marked else look.tokens.text2)
            draw_elided(p, box, CENTRE, short_area(area, language))
            if marked and self._steps == 1:
                cell = QRectF(self._cells_left + i * self._column_width, box.bottom(), self._column_width, px(1.4))
                p.fillRect(cell.adjusted(px(2), -px(0.4), -px(2), 0), look.tokens.text)
        p.setFont(font(self._painter.small))
        p.setPen(look.tokens.text2)
        if self._top:
            line = QRectF(0, 0, self.width(), self._top)
            parts = (
                self._asking.place(),
                self.title.of(language),
                translate("BoardMatrix", "bar: nearness to the limit"),
            )
            paint_caption(p, line, right_of(self, line.toAlignedRect()), self.host.text_px, *parts)
            p.setFont(font(self._painter.small))
        if last:
            box = QRectF(self.width() - px(12) - last, self._top + px(2) + self._step, last, px(22))
            draw_elided(p, box, RIGHT, translate("BoardMatrix", "Streams"))

    def _paint_board(self, p: QPainter, board: Board, row: int, dirty: QRegion) -> None:
        """The board's name down the left edge of its rows, one character a line in Chinese, turned in English."""
        px, t = self.px, look.tokens
        rows = sum(d.board is board for d in self._domains)
        box = QRectF(px(6), self._row_top(row), px(18), rows * self._row_height())
        if not self._touches(dirty, box):
            return
        p.setFont(font(self._painter.small if self.host.role == "wall" else px(11.5)))
        p.setPen(t.text2)
        name = BOARD_NAMES[board].of(self.host.language)
        if self.english:
            p.save()
            p.translate(box.center())
            p.rotate(-90)
            turned = QRectF(-box.height() / 2, -box.width() / 2, box.height(), box.width())
            p.drawText(turned, CENTRE, name)
            p.restore()
            return
        step = min(px(15), box.height() / max(1, len(name)))
        top = box.center().y() - step * len(name) / 2
        for i, sign in enumerate(name):
            p.drawText(QRectF(box.left(), top + i * step, box.width(), step), CENTRE, sign)

    def _trade_of(self, cell: Cell) -> str:
        """The trade of a whole board's worst alarm, "" where rows are trades."""
        sensor = self.host.entities(Sensor).get(cell.worst)
        return self._trades.get(sensor.domain, Text("")).of(self.host.language) if sensor is not None else ""

    # ------------------------------------------------------------------ hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if place := self.act_at(event.position().x(), event.position().y()):
            self._at = int(place)
            self._open(self._at)
            self.update()

    def act_at(self, x: float, y: float) -> str:
        """The number of the cell there, "" none."""
        here = QPointF(x, y)
        return next((str(i) for i in range(len(self._cells)) if self._rects[i].contains(here)), "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = max(1, len(self._columns))
        step = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }.get(Qt.Key(event.key()))
        if step is not None and self._cells:
            self._at = max(0, min(len(self._cells) - 1, max(self._at, 0) + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at >= 0:
            self._open(self._at)
        else:
            super().keyPressEvent(event)

    def _open(self, place: int) -> None:
        """Select the cell's most urgent alarm's sensor, else the stream nearest to its limit, else its first."""
        grid = self._grid
        if grid is None:
            return
        ids = grid.sensors_of(place)
        alarms = [
            a for a in self.host.entities(Alarm).values() if a.state in SHOWN and grid.place_of(a.sensor) == place
        ]
        if alarms:
            self.host.select(f"sensor:{min(alarms, key=urgency).sensor}")
        elif ids:
            self.host.select(f"sensor:{self._worst(ids)}")

    def _worst(self, ids: list[str]) -> str:
        sensors = self.host.entities(Sensor)
        latest = self.host.latest(ids)

        def near(i: int) -> float:
            sensor = sensors[ids[i]]
            if sensor.normal is None or not sensor.limits or latest.v.ndim > 1:
                return -1.0
            v = float(latest.v[i])
            shares = [
                (v - sensor.normal) / (x.value - sensor.normal) for x in sensor.limits if x.value != sensor.normal
            ]
            return max((s for s in shares if math.isfinite(s)), default=-1.0)

        return ids[max(range(len(ids)), key=near)]

    def evidence(self) -> Any:
        """Cells with an alarm or a fault."""
        columns = max(1, len(self._columns))
        return [
            {
                "domain": self._domains[i // columns].id,
                "area": self._columns[i % columns].id,
                "priority": cell.priority,
                "alarms": cell.alarms,
                "stopped": cell.stopped,
            }
            for i, cell in enumerate(self._cells)
            if cell.priority or cell.stopped
        ]

    def configure(self, settings: Any) -> None:
        """Take new settings, or the same in another language."""
        super().configure(settings)
        self._asking = Asking(self.host, settings.about)
        if self._grid is not None:
            self._rebuild()
            self._refresh()

    def close_panel(self) -> None:
        """Stop blinking."""
        blink.changed.disconnect(self._blinked)
        blink.hold(self, False)
        super().close_panel()


_SEEN: Final = ("sensors", "priority", "alarms", "open", "stopped", "worst")


def _same(a: Cell, b: Cell) -> bool:
    """Whether both look alike: a bar's length is told apart by hundredths."""
    if [getattr(a, name) for name in _SEEN] != [getattr(b, name) for name in _SEEN]:
        return False
    if math.isnan(a.near) or math.isnan(b.near):
        return math.isnan(a.near) and math.isnan(b.near)
    return round(a.near, 2) == round(b.near, 2)
