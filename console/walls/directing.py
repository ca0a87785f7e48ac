"""The duty desk's hand on the walls: the next scene in preview, taken with one key; who controls a wall, asked for and
given. Part of the composition root, imported by console.app alone; what reaches a wall is the node's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, Qt

from console.api import (
    Answer,
    CommandSpec,
    IntentState,
    Notice,
    Person,
    Severity,
    Text,
    Wall,
    YilanError,
)
from console.shell.ports import Drained
from console.shell.session import Session
from console.stage.stage import Stage
from console.walls.preview import Preview
from layouts.store import written
from layouts.tree import Layout, numbered

WALLS: Final = Text("大屏", "Walls")
NOTICE: Final = "wall.act"
ASKED: Final = "wall.asked"
Ask = Callable[[Text, str, Callable[[str], None]], None]


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
        session.language.changed.connect(lambda _code: self._say())

    # ------------------------------------------------------------------ which wall

    @property
    def wall(self) -> Wall | None:
        """The wall that is directed from here, None where the node has none yet."""
        walls = self._session.desk.entities(Wall)
        return walls.get(self._chosen) if self._chosen else next(iter(walls.values()), None)

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
        self.preview.finished.connect(self._closed)
        self._say()
        self.preview.show()
        self.preview.activateWindow()
        self._session.commands.follow()  # its keys act from now on

    def close_preview(self) -> None:
        """Take the preview away."""
        if self.preview is not None:
            self.preview.reject()

    def _closed(self, _result: int) -> None:
        self.preview = None
        self._session.commands.follow()

    def _say(self) -> None:
        if self.preview is not None:
            self.preview.say(self.wall, self._chosen)

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: what stands on the walls, and who asks for them."""
        if Wall.CLS not in drained.entities and not drained.seeked and not second:
            return
        self._say()
        me = self._session.desk.access.person
        walls = self._session.desk.entities(Wall).values() if me else ()
        asked = [wall for wall in walls if wall.controller == me and wall.asked]
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
        id_ = wall.id if wall is not None else self._chosen
        if id_:
            self._session.tasks.start("wall.act", self._acted(name, id_, arguments))

    async def _acted(self, name: str, id_: str, arguments: dict[str, Any]) -> None:
        try:
            answer: Answer = await self._session.intent(name, id_, **arguments)
        except YilanError as error:
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

    def _may(self) -> bool:
        return self._session.desk.may("wall.take")

    def add_commands(self) -> None:
        """Register them; one for each layout that is a wall's."""
        may = self._may

        def with_wall() -> bool:
            return may() and self.wall is not None

        def with_preview() -> bool:
            return self.preview is not None

        def add(id_: str, zh: str, en: str, keys: str, run: Callable[[], None], able: Callable[[], bool] = may) -> None:
            spec = CommandSpec(id=f"wall.{id_}", title=Text(zh, en), keys=keys, group=WALLS)
            self._session.commands.add(spec, run, able)

        add("take", "预演上屏", "Take the preview", "W", partial(self.take, False), with_preview)
        add("fade", "预演淡入上屏", "Fade the preview in", "Shift+W", partial(self.take, True), with_preview)
        add("back", "大屏回到上一场景", "Wall: scene before", "", self.back, with_wall)
        add("ask", "申请控制大屏", "Ask for the wall", "", self.request, with_wall)
        add("give", "移交大屏", "Hand over the wall", "", self.give, with_wall)
        add("seize", "接管大屏", "Take the wall over", "", self.seize, with_wall)
        title = Text("大屏编号（同其证书）", "Id of the wall (as in its certificate)")
        add("choose", "选择大屏", "Choose the wall", "", lambda: self._ask(title, self._chosen, self.choose))
        self.add_scenes()

    def add_scenes(self, _opened: object = None) -> None:
        """A command for each layout that is a wall's and has none yet: own ones come in while the console runs."""
        commands = self._session.commands
        known = {command.spec.id for command in commands.all()}
        for id_ in self._stage.store.ids():
            if f"wall.preview_{id_}" in known:
                continue
            try:
                layout = self._stage.store.load(id_)
            except YilanError:  # it is said where somebody opens it
                continue
            if layout.role == "wall":
                title = Text(f"预演{layout.title.zh}", f"Preview {layout.title.of('en')}")
                spec = CommandSpec(id=f"wall.preview_{id_}", title=title, group=WALLS)
                commands.add(spec, partial(self.show, id_), self._may)

    def close(self) -> None:
        """Part of the written shutdown, before the stage."""
        self.close_preview()


def _bare(layout: Layout) -> Layout:
    """A scene for any machine: bound to no monitor of this one."""
    screens = tuple(msgspec.structs.replace(screen, serial="", window=None) for screen in layout.screens)
    return msgspec.structs.replace(layout, screens=screens)
