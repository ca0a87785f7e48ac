"""Walls end to end: the scene on each, who put it there and who controls it, saved and published; knows no layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from console.api import LIVE, Area, Scene, Text, Value, Wall
from console.node.access.actions import Action
from console.node.act import Act, Asked
from console.node.acts.arguments import read
from console.node.acts.making import asked_in_both, check_area, check_id, checked, draft_of
from console.node.acts.published import Published
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import SceneAct, SceneTaken, WallStanding
from console.node.journal.folds.wall import BackAct, ControlAct, RuleAct, RuleOffAct
from console.wire.frames import Intent

if TYPE_CHECKING:
    from console.node.journal.journal import Journal

CLS: Final = Wall.CLS
NAMES: Final = tuple(f"wall.{name}" for name in ("take", "back", "ask", "give", "seize", "rule", "rule_off"))
_RULES: Final = frozenset({"wall.rule", "wall.rule_off"})


class TakeForm(Value, frozen=True, kw_only=True):
    """`wall.take`; `layout` as TOML, `title_zh` and `title_en` how the scene is called, `wall` how the wall is.

    `context`: what the scene shows, which an act in a replay could not say: acts are live, see docs/journal.md.
    """

    layout: str
    title_zh: str
    title_en: str = ""
    subject: str = ""
    fade: bool = False
    wall: str = ""
    area: str = ""
    turns: tuple[str, ...] = ()
    every_s: int = 0
    context: str = LIVE


class RuleForm(Value, frozen=True, kw_only=True):
    """`wall.rule`; `rule` is its id, and one of the same id is replaced."""

    rule: str
    grade: int
    layout: str
    title_zh: str
    title_en: str = ""
    natures: tuple[str, ...] = ()


class RuleOffForm(Value, frozen=True, kw_only=True):
    """`wall.rule_off`."""

    rule: str


class BackForm(Value, frozen=True, kw_only=True):
    """`wall.back`."""


class ControlForm(Value, frozen=True, kw_only=True):
    """`wall.ask`, `wall.give`, `wall.seize`."""

    to: str = ""
    reason: str = ""


class Walls:
    """Declares the acts, publishes after each and, once the journal is open, all there were."""

    def __init__(
        self, published: Published, intents: Intents, *, simulated: Callable[[], bool] = lambda: False
    ) -> None:
        self._published, self._hub, self._simulated = published, published.hub, simulated
        intents.when_open(self._opened)
        for name in NAMES:
            intents.declare(name, Act(CLS, self._look, decide, self._done, asks=self._asks, shown=wall_of))

    async def _opened(self, journal: Journal) -> None:
        for view in await journal.views(CLS):
            self.publish(view)

    def _look(self, _intent: Intent) -> Any:
        return self._hub.entities.get(Area.CLS, {})

    def _asks(self, intent: Intent) -> tuple[Asked, ...]:
        known = self._hub.entities.get(CLS, {}).get(intent.entity)
        area = known.area if isinstance(known, Wall) else ""
        action = Action.WALL_RULE if intent.name in _RULES else Action.WALL_TAKE
        asked = Asked(action, area, topic=CLS, entity=f"{CLS}:{intent.entity}")
        return asked_in_both(asked, intent, known=isinstance(known, Wall))

    def _done(self, _intent: Intent, view: View) -> None:
        self.publish(view)

    def publish(self, view: View) -> None:
        """A wall stands so now."""
        standing: WallStanding = view.state
        if view.entries:  # somebody has controlled it, if nobody does now, or a rule waits for its incident
            self._published.put(wall_of(standing, simulated=self._simulated()), heads=view.heads)


def decide(intent: Intent, areas: Any, view: View) -> list[Draft]:
    """The entry of an act at a wall. Raises RefusedError naming the rule."""
    check_id(intent)
    match intent.name:
        case "wall.take":
            form = read(intent, TakeForm)
            check_area(form.area, areas)
            first = Text(form.wall or intent.entity) if not view.state.number or form.wall else None
            act: Any = SceneAct(
                layout=form.layout,
                title=Text(form.title_zh, form.title_en),
                subject=form.subject,
                fade=form.fade,
                name=first,
                area=form.area or None,
                turns=form.turns,
                every_s=form.every_s,
                context=form.context,
            )
        case "wall.back":
            read(intent, BackForm)
            act = BackAct()
        case "wall.rule":
            wanted = read(intent, RuleForm)
            act = RuleAct(
                rule=wanted.rule,
                grade=wanted.grade,
                layout=wanted.layout,
                title=Text(wanted.title_zh, wanted.title_en),
                natures=wanted.natures,
            )
        case "wall.rule_off":
            act = RuleOffAct(rule=read(intent, RuleOffForm).rule)
        case _:
            control = read(intent, ControlForm)
            act = ControlAct(to=control.to, reason=control.reason)
    return checked([draft_of(intent, view, intent.name, act)], view)


def wall_of(standing: WallStanding, *, simulated: bool = False) -> Wall:
    """The entity as screens know it."""
    return Wall(
        id=standing.id,
        simulated=simulated,
        name=standing.name if standing.name.zh else Text(standing.id),
        area=standing.area,
        scene=_scene(standing.scenes[-1]) if standing.scenes else None,
        before=standing.scenes[-2].title if len(standing.scenes) > 1 else Text(""),
        controller=standing.controller,
        since_ns=standing.since_ns,
        asked=standing.asked,
        rules=standing.rules,
    )


def _scene(taken: SceneTaken) -> Scene:
    return Scene(
        number=taken.number,
        layout=taken.layout,
        title=taken.title,
        subject=taken.subject,
        fade=taken.fade,
        by=taken.by,
        t_ns=taken.t_ns,
        turns=taken.turns,
        every_s=taken.every_s,
        context=taken.context,
        rule=taken.rule,
    )
