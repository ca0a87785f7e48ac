"""The fold of a wall: the scenes that were put on it, and who controls it; pure, and knows no layout and no screen."""

from __future__ import annotations

import re
import tomllib
from typing import Final

import msgspec

from console.api import LIVE, RefusedError, SceneRule, Text, Value
from console.node.journal.folds.deed import ActRule, Acts, Deed, fold_of
from console.rules.scene_rule import check_rule, check_turns
from console.rules.wall_control import may_ask, may_give, may_seize, may_take

MOST_SCENES: Final = 20
"""Scenes that can be gone back to; older ones are in the journal."""
MOST_ASKED: Final = 10
"""Who may ask for control at once; one more is refused, so that nobody loses a place in the line unheard."""
MOST_TURNS: Final = 12
"""Scenes that take turns with the first."""
MOST_RULES: Final = 12
"""Of one wall: every console is told them all."""
SHORTER: Final = Text("请减少轮播场景，或其中的窗格", "take fewer scenes in turn, or fewer tiles in them")
_REPLAY: Final = re.compile(r"replay:[0-9A-Za-z_-]{1,40}")
replace = msgspec.structs.replace


class SceneAct(Value, frozen=True, kw_only=True):
    """`wall.take`: a scene goes on the wall.

    `layout`: the whole layout as TOML, so that every machine of the wall shows the same; `title` its name. `subject`:
    what its tiles are about ("incident:…"), "" nothing. `fade`: over a third of a second, else cut. `name`, `area`: of
    the wall; None: as before. `turns`: further layouts, each seen for `every_s`; `context`: LIVE, or the replay that it
    shows. `rule`: the id of the rule by which the node did it for who set that rule, "" a person did.
    """

    layout: str
    title: Text
    subject: str = ""
    fade: bool = False
    name: Text | None = None
    area: str | None = None
    turns: tuple[str, ...] = ()
    every_s: int = 0
    context: str = LIVE
    rule: str = ""


class BackAct(Value, frozen=True, kw_only=True):
    """`wall.back`: the scene before the present one."""


class ControlAct(Value, frozen=True, kw_only=True):
    """`wall.ask`, `wall.give` (`to` a person, "" nobody), `wall.seize` (with a reason)."""

    to: str = ""
    reason: str = ""


class RuleAct(Value, frozen=True, kw_only=True):
    """`wall.rule`: from now on this scene comes by itself where an incident comes to `grade`; see `SceneRule`.

    `rule`: its id; one of the same id is replaced.
    """

    rule: str
    grade: int
    layout: str
    title: Text
    natures: tuple[str, ...] = ()


class RuleOffAct(Value, frozen=True, kw_only=True):
    """`wall.rule_off`: that rule holds no longer."""

    rule: str


class SceneTaken(Value, frozen=True, kw_only=True):
    """A scene on the wall: see `SceneAct`; `number` rises with every take of this wall, those back too."""

    number: int
    layout: str
    title: Text
    subject: str
    fade: bool
    by: str
    t_ns: int
    hash: bytes = b""
    turns: tuple[str, ...] = ()
    every_s: int = 0
    context: str = LIVE
    rule: str = ""


class WallStanding(Value, frozen=True, kw_only=True):
    """What the journal says of a wall. `scenes`: the present one last. `asked`: who asks for control, in order.

    `rules`: by which scenes come by themselves, in the order in which they were set.
    """

    id: str
    name: Text = Text("")
    area: str = ""
    scenes: tuple[SceneTaken, ...] = ()
    number: int = 0
    controller: str = ""
    since_ns: int = 0
    asked: tuple[str, ...] = ()
    rules: tuple[SceneRule, ...] = ()


def _take(wall: WallStanding, deed: Deed) -> WallStanding:
    act: SceneAct = deed.act
    if act.rule:
        _by_rule(wall, deed)
    else:
        may_take(deed.actor, wall.controller)
    scene = SceneTaken(
        number=wall.number + 1,
        layout=act.layout,
        title=act.title,
        subject=act.subject,
        fade=act.fade,
        by=deed.actor,
        t_ns=deed.t_ns,
        hash=deed.hash,
        turns=act.turns,
        every_s=act.every_s,
        context=act.context,
        rule=act.rule,
    )
    then = replace(
        wall,
        name=wall.name if act.name is None else act.name,
        area=wall.area if act.area is None else act.area,
        scenes=(*wall.scenes, scene)[-MOST_SCENES:],
        number=scene.number,
    )
    return then if act.rule else _controlled(then, deed)  # a rule puts a scene on, and the control stays where it is


def _by_rule(wall: WallStanding, deed: Deed) -> None:
    """Raises RefusedError where no such rule of who is said to have set it holds (any more)."""
    act: SceneAct = deed.act
    if not any(rule.id == act.rule and rule.by == deed.actor for rule in wall.rules):
        raise RefusedError(
            f"wall rule: no rule {act.rule!r} of {deed.actor} holds for this wall",
            zh=f"大屏规则：此大屏没有 {deed.actor} 设定的规则“{act.rule}”",
        )


def _ask_take(_wall: WallStanding, deed: Deed) -> None:
    """Raises RefusedError for what no wall could show; asked once, since every start folds all scenes there were."""
    act: SceneAct = deed.act
    for layout in (act.layout, *act.turns):
        _ask_layout(layout)
    check_turns(len(act.turns), act.every_s, MOST_TURNS)
    if act.context != LIVE and not _REPLAY.fullmatch(act.context):
        raise RefusedError(
            f"wall rule: found context {act.context[:60]!r}, expected 'live' or 'replay:' and its short name",
            zh=f"大屏规则：时间为“{act.context[:60]}”，应为 live 或 replay: 加回放短名",
        )


def _ask_layout(layout: str) -> None:
    """Raises RefusedError where it is no layout of a wall."""
    try:
        role = tomllib.loads(layout).get("role")
    except (ValueError, RecursionError) as error:  # a number or a nest too long is neither a fault of its grammar
        raise RefusedError(
            f"wall rule: the scene is no layout: {error}", zh=f"大屏规则：场景不是布局：{error}"
        ) from error
    if role != "wall":
        raise RefusedError(
            f"wall rule: found a layout of role {role!r}, expected 'wall'",
            zh=f"大屏规则：布局角色为 {role!r}，应为 wall",
        )


def _controlled(wall: WallStanding, deed: Deed) -> WallStanding:
    """Who acts first controls it."""
    return wall if wall.controller else _to(wall, deed.actor, deed)


def _back(wall: WallStanding, deed: Deed) -> WallStanding:
    may_take(deed.actor, wall.controller)
    if len(wall.scenes) < 2:
        raise RefusedError("wall rule: there is no scene before this one", zh="大屏规则：此前没有场景")
    before = replace(wall.scenes[-2], number=wall.number + 1, by=deed.actor, t_ns=deed.t_ns, hash=deed.hash)
    return _controlled(replace(wall, scenes=(*wall.scenes[:-2], before), number=before.number), deed)


def _ask(wall: WallStanding, deed: Deed) -> WallStanding:
    may_ask(deed.actor, wall.controller)
    if deed.actor in wall.asked:
        return wall
    if len(wall.asked) >= MOST_ASKED:
        raise RefusedError(
            f"wall rule: {len(wall.asked)} persons ask for this wall already; take it over with a reason",
            zh=f"大屏规则：已有 {len(wall.asked)} 人申请；可填写理由接管",
        )
    return replace(wall, asked=(*wall.asked, deed.actor))


def _give(wall: WallStanding, deed: Deed) -> WallStanding:
    act: ControlAct = deed.act
    may_give(deed.actor, wall.controller, act.to)
    return _to(wall, act.to, deed)


def _seize(wall: WallStanding, deed: Deed) -> WallStanding:
    act: ControlAct = deed.act
    may_seize(deed.actor, wall.controller, act.reason)
    return _to(wall, deed.actor, deed)


def _to(wall: WallStanding, person: str, deed: Deed) -> WallStanding:
    asked = tuple(one for one in wall.asked if one != person)
    return replace(wall, controller=person, since_ns=deed.t_ns, asked=asked)


def _rule(wall: WallStanding, deed: Deed) -> WallStanding:
    act: RuleAct = deed.act
    check_rule(act.grade)
    kept = tuple(rule for rule in wall.rules if rule.id != act.rule)
    if len(kept) >= MOST_RULES:
        raise RefusedError(
            f"wall rule: {len(kept)} rules hold for this wall; take one off first",
            zh=f"大屏规则：此大屏已有 {len(kept)} 条规则；请先取消一条",
        )
    rule = SceneRule(
        id=act.rule,
        grade=act.grade,
        layout=act.layout,
        title=act.title,
        natures=act.natures,
        by=deed.actor,
        t_ns=deed.t_ns,
    )
    return replace(wall, rules=(*kept, rule))


def _ask_rule(_wall: WallStanding, deed: Deed) -> None:
    """Raises RefusedError as `_ask_take` does."""
    _ask_layout(deed.act.layout)


def _rule_off(wall: WallStanding, deed: Deed) -> WallStanding:
    act: RuleOffAct = deed.act
    kept = tuple(rule for rule in wall.rules if rule.id != act.rule)
    if len(kept) == len(wall.rules):
        raise RefusedError(
            f"wall rule: no rule {act.rule!r} holds for this wall", zh=f"大屏规则：此大屏没有规则“{act.rule}”"
        )
    return replace(wall, rules=kept)


WALL_ACTS: Final[Acts] = {
    "wall.take": ActRule(SceneAct, _take, _ask_take, SHORTER),
    "wall.back": ActRule(BackAct, _back),
    "wall.ask": ActRule(ControlAct, _ask),
    "wall.give": ActRule(ControlAct, _give),
    "wall.seize": ActRule(ControlAct, _seize),
    "wall.rule": ActRule(RuleAct, _rule, _ask_rule, SHORTER),
    "wall.rule_off": ActRule(RuleOffAct, _rule_off),
}
WALL: Final = fold_of("wall", lambda id_: WallStanding(id=id_), WALL_ACTS)
