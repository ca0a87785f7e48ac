"""Every wall as it looks now: thumbnails with their age, the scene, who controls it, how its machines stand.

The wall chosen here is the one that the desk directs; what is done to it is done by commands.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QHideEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from console.api import NS, Frame, Header, Host, Person, Text, Value, Wall, WallMachine
from widgets.kit.body import PanelBody
from widgets.kit.buttons import ActButton, ButtonRows
from widgets.kit.lists import PaintedList, paint_nothing
from widgets.kit.shapes import fault_chip_rect, paint_fault_chip
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.thumbnails import Thumbnails
from widgets.kit.tokens import look
from widgets.walls.spec import WallsSettings
from widgets.walls.words import (
    EMPTY,
    Standing,
    control_words,
    machines,
    rule_words,
    scene_line,
    title_of,
    translate,
    wrong_screens,
)

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
HEAD_PX: Final = 54.0
LINE_PX: Final = 24.0
LEAST_PX: Final = 110.0
"""Thumbnails are no lower."""
MOST_PX: Final = 640.0
GONE_NS: Final = 24 * 3600 * NS
GONE: Final = 64
"""So many machines that are gone are remembered, for a day."""


class Row(Value, frozen=True, kw_only=True):
    """What is said of one wall."""

    id: str
    name: str
    title: str
    line: str
    control: str
    rules: str
    machines: tuple[Standing, ...]
    wrong: tuple[tuple[str, str], ...]


class WallList(PaintedList):
    """The walls, one a row."""

    def __init__(self, owner: WallsPanel) -> None:
        super().__init__()
        self._owner = owner
        self.rows: list[Row] = []

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        row, px = self.rows[index], self._owner.px
        inner = rect.adjusted(px(12), 0, -px(12), -1)
        self._paint_head(p, row, inner)
        foot = LINE_PX * (2 if row.rules else 1)
        area = QRectF(inner.left(), inner.top() + px(HEAD_PX), inner.width(), inner.height() - px(HEAD_PX + foot + 6))
        self._owner.paint_screens(p, row, area)
        top = area.bottom() + px(4)
        self._paint_machines(p, row, QRectF(inner.left(), top, inner.width(), px(LINE_PX)))
        if row.rules:
            p.setFont(font(px(12)))
            p.setPen(look.tokens.text2)
            draw_elided(p, QRectF(inner.left(), top + px(LINE_PX), inner.width(), px(LINE_PX)), LEFT, row.rules)

    def _paint_head(self, p: QPainter, row: Row, inner: QRectF) -> None:
        """Name and scene, who controls it at the right; under them since when and by whom."""
        px, t = self._owner.px, look.tokens
        line = QRectF(inner.left(), inner.top() + px(6), inner.width(), px(24))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        wide = min(text_width(row.control, px(12)), line.width() * 0.5)
        draw_elided(p, QRectF(line.right() - wide - 1, line.top(), wide + 2, line.height()), RIGHT, row.control)
        room = line.width() - wide - px(12)
        p.setFont(font(px(14), bold=True))
        p.setPen(t.text)
        name = min(text_width(row.name, px(14), bold=True) + 1, room * 0.5)
        draw_elided(p, QRectF(line.left(), line.top(), name, line.height()), LEFT, row.name)
        p.setFont(font(px(14)))
        left = line.left() + name + px(12)
        draw_elided(p, QRectF(left, line.top(), room - name - px(12), line.height()), LEFT, row.title)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, line.translated(0, px(22)), LEFT, row.line)

    def _paint_machines(self, p: QPainter, row: Row, line: QRectF) -> None:
        """Those about which something is to be done first, and marked; what does not fit is counted."""
        px, t = self._owner.px, look.tokens
        x, face = line.left(), font(px(12))
        order = sorted(row.machines, key=lambda one: not one.wrong)
        for i, one in enumerate(order):
            left = len(order) - i
            more = text_width(f"+{left}", px(12)) + px(14) if left > 1 else 0.0
            chip = fault_chip_rect(QPointF(0, 0), one.words, face)
            wide = chip.width() if one.wrong else text_width(one.words, px(12))
            if x > line.left() and x + wide + more > line.right():
                p.setFont(face)
                p.setPen(t.text2)
                draw_elided(p, QRectF(x, line.top(), line.right() - x, line.height()), LEFT, f"+{left}")
                return
            if one.wrong:
                paint_fault_chip(p, QPointF(x, line.center().y()), one.words, face)
            else:
                p.setFont(face)
                p.setPen(t.text2)
                draw_elided(p, QRectF(x, line.top(), min(wide + 1, line.right() - x), line.height()), LEFT, one.words)
            x += wide + px(14)

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        head = translate("WallsPanel", "No wall yet")
        paint_nothing(p, rect, self._owner.px, head, EMPTY.of(self._owner.host.language))


class WallsPanel(PanelBody[WallsSettings]):
    """See the module."""

    title = Text("大屏", "Walls")

    def __init__(self, host: Host, settings: WallsSettings) -> None:
        super().__init__(host, settings)
        self._list = WallList(self)
        self._acts = ButtonRows(self.px)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._list, 1)
        column.addWidget(self._acts)
        self._list.chosen.connect(lambda key: self._choose(str(key)))
        self._list.opened.connect(lambda key: self._choose(str(key)))
        self.setFocusProxy(self._list)
        self._screens: dict[str, Thumbnails] = {}
        self._here: dict[str, WallMachine] = {}
        self._gone: dict[str, tuple[WallMachine, int]] = {}
        """Machines whose link has ended, by id, and when."""
        self._offered: tuple[tuple[str, str], ...] = ()
        self._second = -1

    # ------------------------------------------------------------------ what changed

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        changed = frame.seeked or frame.entities & {Wall.CLS, WallMachine.CLS, Person.CLS}
        if changed or second != self._second:
            self._second = second
            self._follow_machines()
            self._fill()

    def _follow_machines(self) -> None:
        here = dict(self.host.entities(WallMachine))
        for id_, machine in self._here.items():
            if id_ not in here:
                self._gone[id_] = (machine, self.now_ns)
        for id_ in [id_ for id_, (_, t_ns) in self._gone.items() if id_ in here or self.now_ns - t_ns > GONE_NS]:
            del self._gone[id_]
        while len(self._gone) > GONE:
            del self._gone[next(iter(self._gone))]
        self._here = here

    def _walls(self) -> list[Wall]:
        """All that are to be shown, also those of which only machines are known yet."""
        known = dict(self.host.entities(Wall))
        for machine in self._here.values():
            known.setdefault(machine.wall, Wall(id=machine.wall))
        only = self.settings.only
        shown = [wall for wall in known.values() if not only or wall.id in only]
        return sorted(shown, key=lambda wall: (wall.scene is None, wall.name.zh or wall.id, wall.id))

    def _fill(self) -> None:
        walls = self._walls()
        for id_ in [id_ for id_ in self._screens if id_ not in {wall.id for wall in walls}]:
            self._screens.pop(id_).close()
        rows = [self._row(wall) for wall in walls]
        if walls and self._list.selected not in {wall.id for wall in walls}:
            self._list.select(walls[0].id)
        self._list.rows = rows
        self._offer(walls)
        self._lay()  # and ages go on
        newest_ns = max((one.newest_ns for one in self._screens.values()), default=0)
        troubles = sum(any(one.wrong for one in row.machines) for row in rows)
        marks = (translate("WallsPanel", "{count} with trouble").format(count=troubles),) if troubles else ()
        right = translate("WallsPanel", "{count} in all").format(count=len(rows)) if rows else ""
        self.host.header(Header(data_ns=newest_ns or self.host.link.last_data_ns, marks=marks, right=right))

    def _row(self, wall: Wall) -> Row:
        language, scene = self.host.language, wall.scene
        screens = self._screens.get(wall.id)
        if screens is None:
            screens = self._screens[wall.id] = Thumbnails(self.host.feed, self._list.viewport().update)
        screens.show(wall.id, scene.layout if scene is not None else "", seen=self.isVisible())
        here = {one.machine: one for one in self._here.values() if one.wall == wall.id}
        gone = {one.machine: t_ns for one, t_ns in self._gone.values() if one.wall == wall.id}
        return Row(
            id=wall.id,
            name=wall.name.of(language) or wall.id,
            title=title_of(scene, language),
            line=scene_line(scene, self.now_ns, language, self._who) if scene is not None else "",
            control=control_words(wall, self.host.access.person, self._who),
            rules=rule_words(wall.rules, language, self._who),
            machines=tuple(machines(wall, screens.hanging, here, gone, self.now_ns, language)),
            wrong=tuple(wrong_screens(screens.hanging, here, gone).items()),
        )

    def _who(self, id_: str) -> str:
        person = self.host.entities(Person).get(id_)
        return person.name.of(self.host.language) if person is not None else id_

    # ------------------------------------------------------------------ layout and painting

    def _lay(self) -> None:
        """Rows share the height; none is so low that its screens cannot be told apart."""
        rows = self._list.rows
        if not rows:
            self._list.set_rows([], 0.0)
            return
        bare = self.px(HEAD_PX + LINE_PX * 2 + 6)  # of a wall without a scene there is nothing to be seen
        hung = [row for row in rows if self._screens[row.id].hanging.screens]
        share = (self._list.viewport().height() - bare * (len(rows) - len(hung))) / max(1, len(hung))
        heights = []
        for row in rows:
            if row not in hung:
                heights.append(bare)
                continue
            rest = self.px(HEAD_PX + LINE_PX * (2 if row.rules else 1) + 6)
            wide = self._list.viewport().width() - self.px(24)
            most = min(self.px(MOST_PX), wide / self._screens[row.id].hanging.aspect)
            heights.append(rest + max(self.px(LEAST_PX), min(share - rest, most)))
        self._list.set_rows([row.id for row in rows], heights)

    def paint_screens(self, p: QPainter, row: Row, area: QRectF) -> None:
        """The wall's screens, or how it comes to show something."""
        screens = self._screens.get(row.id)
        if screens is None or not screens.hanging.screens:
            p.setFont(font(self.px(12)))
            p.setPen(look.tokens.text2)
            hint = translate("WallsPanel", "Preview a scene (Ctrl+K) and press W: it goes on this wall.")
            draw_elided(p, QRectF(area.left(), area.top(), area.width(), self.px(24)), LEFT, hint)
            return
        language = self.host.language
        ratio, em = self.devicePixelRatioF(), self.px(11)
        screens.paint(p, area, em, self.now_ns, language, ratio=ratio, wrong=dict(row.wrong))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._second = -1  # with the next frame it reads again

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._close_screens()

    def _close_screens(self) -> None:
        for screens in self._screens.values():
            screens.close()

    # ------------------------------------------------------------------ acts

    def _choose(self, id_: str) -> None:
        """From now on this wall is directed from here; one that has no scene yet is named with its first take."""
        if id_ in self.host.entities(Wall) and self.host.role != "wall":
            self.host.command(f"wall.choose_{id_}")
        self._offer(self._walls())

    def _offer(self, walls: list[Wall]) -> None:
        """What can be done to the chosen wall."""
        wall = next((one for one in walls if one.id == self._list.selected and one.scene is not None), None)
        able = wall is not None and self.host.role != "wall" and self.host.may("wall.take", wall.area)
        offered = self._possible(wall) if wall is not None and able else ()
        if offered == self._offered:
            return
        self._offered = offered
        buttons = []
        for command, word in offered:
            button = ActButton(word, "", self.px, self.control_px)
            button.clicked.connect(lambda _checked=False, command=command: self._run(command))
            buttons.append(button)
        self._acts.set_buttons(buttons)

    def _possible(self, wall: Wall) -> tuple[tuple[str, str], ...]:
        me = self.host.access.person
        preview = ("wall.preview_now", translate("WallsPanel", "Preview and change"))
        back = (("wall.back", translate("WallsPanel", "Scene before")),) if wall.before.zh else ()
        if wall.controller == me:
            word = translate("WallsPanel", "Hand over") if wall.asked else translate("WallsPanel", "Release")
            return (preview, *back, ("wall.give", word))
        if not wall.controller:
            return (preview, *back)
        ask = () if me in wall.asked else (("wall.ask", translate("WallsPanel", "Ask for it")),)
        return (preview, *ask, ("wall.seize", translate("WallsPanel", "Take over")))

    def _run(self, command: str) -> None:
        self.host.command(f"wall.choose_{self._list.selected}")
        self.host.command(command)

    # ------------------------------------------------------------------ console.api.Panel

    def configure(self, settings: Any) -> None:
        super().configure(settings)
        self._second, self._offered = -1, ()

    def view_state(self) -> dict[str, Any]:
        return {"wall": self._list.selected}

    def restore(self, state: dict[str, Any]) -> None:
        if isinstance(wall := state.get("wall"), str):
            self._list.select(wall)

    def evidence(self) -> Any:
        return [
            {"wall": row.id, "scene": row.title, "line": row.line, "machines": [one.words for one in row.machines]}
            for row in self._list.rows
        ]

    def close_panel(self) -> None:
        self._close_screens()
        super().close_panel()
