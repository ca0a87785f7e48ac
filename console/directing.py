"""The duty desk's hand on the walls: the next scene in preview, taken with one key; who controls a wall, asked for and
given. Part of the composition root, imported by console.app alone; what reaches a wall is the node's to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.api import (
    Answer,
    CommandSpec,
    IntentState,
    Notice,
    Person,
    ResourceError,
    Severity,
    Text,
    Wall,
    YilanError,
)
from console.shell.ports import Drained
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.stage import Stage
from layouts.mosaic import Mosaic
from layouts.store import written
from layouts.tree import Layout, Part, numbered
from layouts.wall import text_px
from widgets.kit.buttons import ActButton
from widgets.kit.text import clock_text, font
from widgets.kit.tokens import look

WALLS: Final = Text("大屏", "Walls")
NOTICE: Final = "wall.act"
ASKED: Final = "wall.asked"
WALL_PX: Final = (1920, 1080)
"""What a wall's screen is taken to have where the layout does not say: pictures are scaled from it."""
BOARD_PX: Final = (1280, 720)
AROUND_PX: Final = (40, 180)
GAP_PX: Final = 6
Ask = Callable[[Text, str, Callable[[str], None]], None]


class Preview(QWidget):
    """The next scene as it would stand on the wall, small, live, beside the words of what stands there now.

    Signals:
        take: it goes on the wall: True to fade. closed: the person is done with it.
    """

    take = Signal(object)
    closed = Signal()

    def __init__(self, stage: Stage, session: Session, layout: Layout) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._stage, self._session = stage, session
        self.layout_shown = layout
        self._mosaics: list[Mosaic] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        self._next, self._now = QLabel(), QLabel()
        self._next.setFont(font(16, bold=True))
        self._now.setFont(font(13))
        column.addWidget(self._next)
        column.addWidget(self._now)
        column.addWidget(self._board(layout))
        row = QHBoxLayout()
        row.addStretch(1)
        zh = session.language.code == "zh"
        acts: tuple[tuple[str, str, Callable[[], Any]], ...] = (
            ("上屏" if zh else "Take", "W", partial(self.take.emit, False)),
            ("淡入上屏" if zh else "Fade in", "Shift+W", partial(self.take.emit, True)),
            ("关闭" if zh else "Close", "Esc", self.close),
        )
        for i, (text, keys, act) in enumerate(acts):
            button = ActButton(text, keys, float, 32, primary=i == 0)
            button.clicked.connect(act)
            row.addWidget(button)
        column.addLayout(row)
        self.say(None)

    def _board(self, layout: Layout) -> QWidget:
        """All screens side by side, as near to a square as they go."""
        board = QWidget()
        grid = QGridLayout(board)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP_PX)
        across = math.ceil(math.sqrt(len(layout.screens)))
        room = self.screen().availableSize()
        down = math.ceil(len(layout.screens) / across)
        # window frame, words and buttons want their part of a small screen too
        high = min(BOARD_PX[1], room.height() - AROUND_PX[1]) / down * WALL_PX[0] / WALL_PX[1]
        wide = round(min((min(BOARD_PX[0], room.width() - AROUND_PX[0]) - GAP_PX * (across - 1)) / across, high))
        scale = wide / WALL_PX[0]
        for i, screen in enumerate(layout.screens):
            style = ScreenStyle(
                role="wall", text_px=text_px(screen, layout) * scale, top_bar=False, seconds=False, detached=True
            )
            mosaic = Mosaic(
                screen.tree,
                partial(self._tile, style),
                self._stage.panel_title,
                lambda: self._session.language.code,
                style.text_px,
                scale,
                movable=lambda: False,
            )
            mosaic.setFixedSize(wide, round(WALL_PX[1] * scale))
            self._mosaics.append(mosaic)
            grid.addWidget(mosaic, i // across, i % across)
        return board

    def _tile(self, style: ScreenStyle, part: Part, tabbed: bool) -> QWidget:
        return self._stage.tile(part, style, f"preview/{part.id}", tabbed=tabbed)

    def say(self, wall: Wall | None) -> None:
        """What stands on the wall now, and what would."""
        code = self._session.language.code
        zh = code == "zh"
        name = wall.name.of(code) if wall is not None else ""
        title = self.layout_shown.title.of(code)
        self.setWindowTitle(f"预演 {title}" if zh else f"Preview: {title}")
        self._next.setText(f"预演  {title} → {name or '大屏'}" if zh else f"Next  {title} → {name or 'the wall'}")
        self._now.setText(words_of(wall, self._session))

    @property
    def said(self) -> str:
        """What it says of the wall."""
        return self._now.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        for mosaic in self._mosaics:
            for tile in mosaic.by_id.values():
                self._stage.end_tile(tile)
        self._mosaics.clear()
        event.accept()
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.tile)


def words_of(wall: Wall | None, session: Session) -> str:
    """What stands on a wall, since when and by whom, and who controls it."""
    zh = session.language.code == "zh"
    if wall is None or wall.scene is None:
        return "现在：尚无场景" if zh else "Now: no scene yet"
    people = session.desk.entities(Person)

    def who(id_: str) -> str:
        known = people.get(id_)
        return known.name.of(session.language.code) if known is not None else id_

    scene, since = wall.scene, clock_text(wall.scene.t_ns, seconds=False)
    title = scene.title.of(session.language.code)
    holder = who(wall.controller) if wall.controller else ("无人" if zh else "nobody")
    if zh:
        return f"现在：{title}，{since} 由 {who(scene.by)} 上屏 · 控制：{holder}"
    return f"Now: {title}, taken by {who(scene.by)} at {since} · controlled by {holder}"


class Directing(QObject):
    """See the module.

    Args:
        ask: asks a person for a line of text.
        window: the window that has the person's attention.
    """

    def __init__(self, stage: Stage, session: Session, ask: Ask) -> None:
        super().__init__()
        self._stage, self._session, self._ask = stage, session, ask
        self._chosen = ""
        """Id of the wall that is directed from here, "" the only one."""
        self.preview: Preview | None = None

    # ------------------------------------------------------------------ which wall

    @property
    def wall(self) -> Wall | None:
        """The wall that is directed from here, None where the node has none yet."""
        walls = self._session.desk.entities(Wall)
        return walls.get(self._chosen) or next(iter(walls.values()), None)

    def choose(self, id_: str) -> None:
        """From now on direct this wall; a new one gets its first scene with the next take."""
        self._chosen = id_.strip()
        self._say()

    # ------------------------------------------------------------------ preview

    def show(self, layout_id: str) -> None:
        """Put a scene into the preview, in place of what is there; nothing reaches a wall."""
        try:
            layout = numbered(self._stage.store.load(layout_id))
        except YilanError as error:
            self._tell(Text("场景打不开", "The scene cannot be opened"), str(error))
            return
        self.close_preview()
        self.preview = Preview(self._stage, self._session, layout)
        self.preview.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.preview.take.connect(self.take)
        self.preview.closed.connect(self._closed)
        self._say()
        self.preview.show()
        self.preview.activateWindow()

    def close_preview(self) -> None:
        """Take the preview away."""
        if self.preview is not None:
            self.preview.close()

    def _closed(self) -> None:
        self.preview = None

    def _say(self) -> None:
        if self.preview is not None:
            self.preview.say(self.wall)

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: what stands on the walls, and who asks for them."""
        if Wall.CLS not in drained.entities and not drained.seeked:
            return
        self._say()
        me = self._session.desk.access.person
        asked = [wall for wall in self._session.desk.entities(Wall).values() if wall.controller == me and wall.asked]
        if not asked:
            self._session.notices.clear(ASKED)
            return
        wall = asked[0]
        person = self._session.desk.entities(Person).get(wall.asked[0])
        who = person.name if person is not None else Text(wall.asked[0])
        summary = Text(f"{who.zh} 申请控制大屏 {wall.name.zh}", f"{who.of('en')} asks to control {wall.name.of('en')}")
        tip = Text("Ctrl+K，移交大屏", "Ctrl+K, hand over the wall")
        self._session.notices.raise_(Notice(key=ASKED, severity=Severity.INFO, summary=summary, tip=tip))

    # ------------------------------------------------------------------ acts

    def take(self, fade: object = False) -> None:
        """What is in the preview goes on the wall; its tiles are about the incident that is selected here."""
        if self.preview is None:
            return
        layout = self.preview.layout_shown
        wall = self.wall
        if wall is None and not self._chosen:
            self._ask(Text("大屏编号（同其证书）", "Id of the wall (as in its certificate)"), "wall", self._take_first)
            return
        kind, _, _id = self._session.selection.partition(":")
        self._act(
            "wall.take",
            layout=written(_bare(layout)),
            title_zh=layout.title.zh,
            title_en=layout.title.of("en"),
            subject=self._session.selection if kind == "incident" else "",
            fade=bool(fade),
        )

    def _take_first(self, id_: str) -> None:
        self.choose(id_)
        self.take()

    def back(self) -> None:
        """The scene before the present one goes on the wall."""
        self._act("wall.back")

    def request(self) -> None:
        """Ask who controls the wall for it."""
        self._act("wall.ask")

    def give(self) -> None:
        """Hand the wall over to who asked first, else to nobody."""
        wall = self.wall
        self._act("wall.give", to=wall.asked[0] if wall is not None and wall.asked else "")

    def seize(self) -> None:
        """Take the wall over; a reason is asked for."""
        self._ask(Text("接管大屏的理由", "Why you take the wall over"), "", self._seize_for)

    def _seize_for(self, reason: str) -> None:
        self._act("wall.seize", reason=reason)

    def _act(self, name: str, **arguments: Any) -> None:
        wall = self.wall
        id_ = wall.id if wall is not None and not self._chosen else self._chosen
        if id_:
            self._session.tasks.start("wall.act", self._acted(name, id_, arguments))

    async def _acted(self, name: str, id_: str, arguments: dict[str, Any]) -> None:
        try:
            answer: Answer = await self._session.intent(name, id_, **arguments)
        except (YilanError, ResourceError) as error:
            self._tell(Text("大屏操作未完成", "The wall was not changed"), str(error))
            return
        if answer.state in (IntentState.REFUSED, IntentState.CONFLICT):
            self._tell(answer.reason, id_)
        else:
            self._session.notices.clear(NOTICE)
            if name == "wall.take":
                self.close_preview()

    def _tell(self, summary: Text, detail: str) -> None:
        self._session.notices.raise_(Notice(key=NOTICE, severity=Severity.WARNING, summary=summary, detail=detail))

    # ------------------------------------------------------------------ commands

    def add_commands(self) -> None:
        """Register them; one for each layout that is a wall's."""

        def may() -> bool:
            return self._session.desk.may("wall.take")

        def with_preview() -> bool:
            return self.preview is not None

        def add(id_: str, zh: str, en: str, keys: str, run: Callable[[], None], able: Callable[[], bool] = may) -> None:
            spec = CommandSpec(id=f"wall.{id_}", title=Text(zh, en), keys=keys, group=WALLS)
            self._session.commands.add(spec, run, able)

        add("take", "预演上屏", "Take the preview", "W", partial(self.take, False), with_preview)
        add("fade", "预演淡入上屏", "Fade the preview in", "Shift+W", partial(self.take, True), with_preview)
        add("back", "大屏回到上一场景", "Wall: scene before", "", self.back)
        add("ask", "申请控制大屏", "Ask for the wall", "", self.request)
        add("give", "移交大屏", "Hand over the wall", "", self.give)
        add("seize", "接管大屏", "Take the wall over", "", self.seize)
        title = Text("大屏编号（同其证书）", "Id of the wall (as in its certificate)")
        add("choose", "选择大屏", "Choose the wall", "", lambda: self._ask(title, self._chosen, self.choose))
        for id_ in self._stage.store.ids():
            try:
                layout = self._stage.store.load(id_)
            except YilanError:
                continue
            if layout.role == "wall":
                zh, en = layout.title.zh, layout.title.of("en")
                add(f"preview_{id_}", f"预演场景：{zh}", f"Preview scene: {en}", "", partial(self.show, id_))

    def close(self) -> None:
        """Part of the written shutdown, before the stage."""
        self.close_preview()


def _bare(layout: Layout) -> Layout:
    """A scene for any machine: bound to no monitor of this one."""
    screens = tuple(msgspec.structs.replace(screen, serial="", window=None) for screen in layout.screens)
    return msgspec.structs.replace(layout, screens=screens)
