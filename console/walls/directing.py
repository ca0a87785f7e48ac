"""The duty desk's hand on the walls: the next scene in preview, taken with one key; who controls a wall, asked for and
given. Part of the composition root, imported by console.app alone; what reaches a wall is the node's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from console.api import (
    LIVE,
    Area,
    CommandSpec,
    Incident,
    Scene,
    Text,
    Wall,
    WallMachine,
    YilanError,
)
from console.rules.areas import subtree
from console.rules.scene_rule import LEAST_EVERY_S, check_turns
from console.shell.ports import Drained
from console.shell.session import Session
from console.stage.hand import Hand
from console.stage.proposing import KEY, Proposing
from console.stage.stage import Stage
from console.walls.acting import Acting
from console.walls.board import Ask, bare
from console.walls.control import ControlNews
from console.walls.preview import Preview, stand_under_strip
from console.walls.rules import SceneRules
from console.walls.turn import turn_of
from layouts.canvas import patterned
from layouts.store import parse_text, written
from layouts.tree import Layout, numbered

WALLS: Final = Text("大屏", "Walls")
TURN_S: Final = 30


class Directing(QObject):
    """See the module.

    Args:
        ask: asks a person for a line of text.
        hand: what keys do to tiles; the preview is lent to it.
        proposing: which scene fits an incident.
    """

    def __init__(
        self, stage: Stage, session: Session, ask: Ask, hand: Hand | None = None, proposing: Proposing | None = None
    ) -> None:
        super().__init__()
        self._stage, self._session, self._ask = stage, session, ask
        self._hand, self._proposing = hand, proposing
        self._news = ControlNews(session)
        self._acts = Acting(session, ask, lambda: (self.wall, self.wall_id), self._news)
        self._rules = SceneRules(session, ask, self._acts.do)
        self._left: tuple[str, Layout] | None = None
        """Who closed a preview with changes, and the scene."""
        self._about = ""
        """The incident that the preview's tiles are about: the last selected since it opened, as the tiles have it."""
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

    @property
    def wall_id(self) -> str:
        """Id of the wall that is directed from here, also of the only one heard that shows no scene yet; "" none."""
        wall = self.wall
        heard = {machine.wall for machine in self._session.desk.entities(WallMachine).values()}
        return wall.id if wall is not None else self._chosen or (heard.pop() if len(heard) == 1 else "")

    def choose(self, id_: str) -> None:
        """From now on direct this wall; a new one gets its first scene with the next take."""
        self._chosen = id_.strip()
        self._say()

    def next_wall(self) -> None:
        """Direct the next of the walls."""
        ids = sorted(self._session.desk.entities(Wall))
        wall = self.wall
        if ids:
            self.choose(ids[(ids.index(wall.id) + 1) % len(ids)] if wall is not None else ids[0])

    # ------------------------------------------------------------------ preview

    @property
    def front(self) -> QWidget | None:
        """The preview, while keys are meant for it: what asks then stands over it."""
        return self.preview if self.preview is not None and self.preview.board.has_attention() else None

    def show(self, layout_id: str) -> None:
        """Put a scene into the preview, in place of what is there; nothing reaches a wall."""
        try:
            layout = self._stage.store.load(layout_id)
        except YilanError as error:
            self._acts.tell(Text("场景打不开", "The scene cannot be opened"), str(error))
            return
        self.show_scene(layout)

    def show_now(self, form: Callable[[Layout], Layout] = lambda layout: layout) -> None:
        """Put what stands on the wall into the preview, in another form, to be changed."""
        layout = self.scene_now()
        if layout is not None:
            self.keep_subject()
            self.show_scene(form(layout))

    def keep_subject(self) -> None:
        """What stands on the wall stays about its incident: that is selected, where another incident is not."""
        wall = self.wall
        subject = wall.scene.subject if wall is not None and wall.scene is not None else ""
        if subject and not _incident(self._session.selection):
            self._session.select(subject)

    def scene_now(self) -> Layout | None:
        """The layout that is seen on the wall now, None where there is none; one that cannot be read is said."""
        wall = self.wall
        if wall is None or wall.scene is None:
            return None
        toml, _ = turn_of(wall.scene, self._session.desk.now_ns)
        try:
            return numbered(parse_text(toml, "scene"))
        except YilanError as error:
            self._acts.tell(Text("场景打不开", "The scene cannot be opened"), str(error))
            return None

    def propose(self) -> None:
        """Put the scene that is proposed into the preview, and select its incident; nothing reaches a wall."""
        proposal = self._proposing.scene if self._proposing is not None else None
        if proposal is None or self._proposing is None:
            return
        self._proposing.looked_at(proposal)
        self._meet(proposal.incident)
        self._session.select(f"{Incident.CLS}:{proposal.incident.id}")
        self.show_scene(proposal.scene)

    def _meet(self, incident: Incident) -> None:
        """Direct a wall in whose area it is, where the present one is another area's."""
        desk = self._session.desk
        areas = desk.entities(Area).values()
        fits = [w for w in desk.entities(Wall).values() if not w.area or incident.area in subtree(w.area, areas)]
        if fits and self.wall not in fits:
            self.choose(fits[0].id)

    def show_left(self) -> None:
        """Put the changed scene that was closed without a take into the preview again."""
        if self._left is not None:
            self.show_scene(self._left[1])

    def _may_show_left(self) -> bool:
        return self._left is not None and self._left[0] == self._session.desk.access.person

    def show_scene(self, layout: Layout) -> None:
        """Put this scene into the preview."""
        self.close_preview()
        self._about = ""
        self._follow_subject()
        self.preview = Preview(self._stage, self._session, numbered(layout), self._ask)
        self.preview.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.preview.take.connect(self.take)
        self.preview.next_wall.connect(self.next_wall)
        self.preview.turning.connect(self.turn)
        self.preview.board.changed.connect(self._say)
        self.preview.board.saved.connect(self.add_scenes)
        if self._hand is not None:
            self._hand.lend(self.preview.board)
        self.preview.finished.connect(self._closed)
        self._say()
        stand_under_strip(self.preview, self._stage.active_window())
        self.preview.show()
        self.preview.activateWindow()
        self._session.commands.follow()  # its keys act from now on

    def close_preview(self) -> None:
        """Take the preview away."""
        if self.preview is not None:
            self.preview.reject()

    def _closed(self, _result: int) -> None:
        if self.preview is not None and self.preview.board.touched:
            self._left = (self._session.desk.access.person, self.preview.layout_shown)
        self.preview = None
        if self._hand is not None:
            self._hand.lend(None)
        self._session.commands.follow()

    def _say(self) -> None:
        if self.preview is not None:
            self.preview.say(self.wall, self.wall_id, several=len(self._session.desk.entities(Wall)) > 1)

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: what stands on the walls, and who asks for them."""
        self._follow_subject()
        if Wall.CLS not in drained.entities and not drained.seeked and not second:
            return
        self._say()
        self._rules.follow()
        self._add_walls()
        self._news.follow()

    # ------------------------------------------------------------------ acts

    def _follow_subject(self) -> None:
        """A sensor that is clicked takes the incident away from no tile; nothing selected does."""
        selection = self._session.selection
        if _incident(selection) or not selection:
            self._about = selection

    def take(self, fade: object = False) -> None:
        """What is in the preview goes on the wall; its tiles are about the incident that they are about here."""
        if self.preview is None:
            return
        layout = self.preview.layout_shown
        wall = self.wall
        if not self.wall_id:
            self._ask(Text("大屏编号（同其证书）", "Id of the wall (as in its certificate)"), "wall", self._take_first)
            return
        self._follow_subject()
        taken = partial(self._taken, self.preview)
        about: dict[str, Any] = {"subject": self._about, "fade": bool(fade)}
        text, scene = written(bare(layout)), wall.scene if wall is not None else None
        if self.preview.every_s and scene is not None:
            turns: dict[str, Any] = {"turns": (*scene.turns, text), "every_s": self.preview.every_s}
            self._acts.do("wall.take", taken, layout=scene.layout, **_titles(_in_turn(scene, layout)), **about, **turns)
        else:
            self._acts.do("wall.take", taken, layout=text, **_titles(layout.title), **about)

    def _taken(self, preview: Preview) -> None:
        """What was in that preview stands on the wall; another one may have been opened since."""
        if preview is self.preview:
            self.close_preview()
            self._left = None

    def turn(self) -> None:
        """The scene in the preview is to take turns with what stands on the wall; seconds are asked for, 0: no more."""
        if self.preview is not None and self.wall is not None and self.wall.scene is not None:
            known = self.preview.every_s or self.wall.scene.every_s or TURN_S
            self._ask(
                Text("轮播：每个场景几秒（0 不轮播）", "Seconds for each scene (0: no turns)"), str(known), self._turn
            )

    def _turn(self, seconds: str) -> None:
        if self.preview is None:
            return
        try:
            every_s = int(seconds)
            if every_s:
                check_turns(1, every_s, 1)
        except (ValueError, YilanError) as error:
            self._acts.tell(Text(f"轮播时间“{seconds}”不可用：至少 {LEAST_EVERY_S} 秒", str(error)), seconds)
            return
        self.preview.every_s = every_s
        self._say()
        self.preview.activateWindow()

    def replay(self) -> None:
        """What stands on the wall shows the replay that this desk is in."""
        self._again(self._session.desk.view.context)

    def live(self) -> None:
        """What stands on the wall shows what is now."""
        self._again(LIVE)

    def _again(self, context: str) -> None:
        """The present scene once more, in another time. The act itself is live: in a replay no act is taken."""
        wall = self.wall
        if wall is None or wall.scene is None:
            return
        scene = wall.scene
        turns: dict[str, Any] = {"turns": scene.turns, "every_s": scene.every_s} if scene.turns else {}
        self._acts.do(
            "wall.take",
            layout=scene.layout,
            **_titles(scene.title),
            subject=scene.subject,
            context=context,
            **turns,
        )

    def _may_replay(self) -> bool:
        return self._with_wall() and self._session.replaying

    def _may_live(self) -> bool:
        wall = self.wall
        return self._with_wall() and wall is not None and wall.scene is not None and wall.scene.context != LIVE

    def _with_wall(self) -> bool:
        return self._may() and self.wall is not None

    def _with_preview(self) -> bool:
        return self.preview is not None

    def _may_propose(self) -> bool:
        return self._proposing is not None and self._proposing.scene is not None

    def _take_first(self, id_: str) -> None:
        self.choose(id_)
        self.take()

    # ------------------------------------------------------------------ commands

    def _may(self) -> bool:
        return self._session.desk.may("wall.take")

    def add_commands(self) -> None:
        """Register them; one for each layout that is a wall's."""
        may = self._may

        with_wall, with_preview = self._with_wall, self._with_preview

        def add(id_: str, zh: str, en: str, keys: str, run: Callable[[], None], able: Callable[[], bool] = may) -> None:
            spec = CommandSpec(id=f"wall.{id_}", title=Text(zh, en), keys=keys, group=WALLS)
            self._session.commands.add(spec, run, able)

        add("take", "预演上屏", "Take the preview", "W", partial(self.take, False), with_preview)
        add("fade", "预演淡入上屏", "Fade the preview in", "Shift+W", partial(self.take, True), with_preview)
        add("back", "大屏回到上一场景", "Wall: scene before", "", self._acts.back, with_wall)
        add("ask", "申请控制大屏", "Ask for the wall", "", self._acts.request, with_wall)
        add("give", "移交大屏", "Hand over the wall", "", self._acts.give, with_wall)
        add("seize", "接管大屏", "Take the wall over", "", self._acts.seize, with_wall)
        add("propose", "预演建议的场景", "Preview the proposed scene", KEY, self.propose, self._may_propose)
        add("preview_now", "预演大屏当前场景", "Preview what stands on the wall", "", self.show_now, with_wall)
        show_pattern = partial(self.show_now, patterned)
        add("pattern", "预演大屏校准图", "Preview the test pattern on the wall's screens", "", show_pattern, with_wall)
        add("preview_left", "再预演未上屏的改动", "Preview the changes left", "", self.show_left, self._may_show_left)
        add("turns", "预演加入轮播", "Preview takes turns", "Shift+T", self.turn, with_preview)
        add("next", "换另一大屏", "Another wall", "Shift+G", self.next_wall, with_preview)
        add("replay", "回放上大屏", "Show this replay on the wall", "", self.replay, self._may_replay)
        add("live", "大屏回到实时", "Wall back to live", "", self.live, self._may_live)
        self._rules.add_commands(lambda: self.preview.layout_shown if self.preview is not None else None)
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

    def _add_walls(self) -> None:
        """A command to direct each wall, for the list of walls and the palette."""
        known = {command.spec.id for command in self._session.commands.all()}
        for wall in self._session.desk.entities(Wall).values():
            if f"wall.choose_{wall.id}" not in known:
                title = Text(f"调度大屏：{wall.name.zh}", f"Direct the wall: {wall.name.of('en')}")
                spec = CommandSpec(id=f"wall.choose_{wall.id}", title=title, group=WALLS)
                self._session.commands.add(spec, partial(self.choose, wall.id), self._may)

    def close(self) -> None:
        """Part of the written shutdown, before the stage."""
        self.close_preview()


def _incident(selection: str) -> bool:
    return selection.startswith(f"{Incident.CLS}:")


def _titles(title: Text) -> dict[str, str]:
    return {"title_zh": title.zh, "title_en": title.of("en")}


def _in_turn(scene: Scene, layout: Layout) -> Text:
    """How scenes in turn are called: after all of them."""
    return Text(f"{scene.title.zh} ⇄ {layout.title.zh}", f"{scene.title.of('en')} ⇄ {layout.title.of('en')}")
