"""The fold of a wall: the scenes that were put on it, and who controls it; pure, and knows no layout and no screen."""

from __future__ import annotations

import tomllib
from typing import Final

import msgspec

from console.api import RefusedError, Text, Value
from console.node.journal.folds.deed import ActRule, Acts, Deed, fold_of
from console.rules.wall_control import may_ask, may_give, may_seize, may_take

MOST_SCENES: Final = 20
"""Scenes that can be gone back to; older ones are in the journal."""
MOST_ASKED: Final = 10
"""Who may ask for control at once; one more is refused, so that nobody loses a place in the line unheard."""
replace = msgspec.structs.replace


class SceneAct(Value, frozen=True, kw_only=True):
    """`wall.take`: a scene goes on the wall.

    `layout`: the whole layout as TOML, so that every machine of the wall shows the same; `title` its name. `subject`:
    what its tiles are about ("incident:…"), "" nothing. `fade`: over a third of a second, else cut. `name`, `area`: of
    the wall; None: as before.
    """

    layout: str
    title: Text
    subject: str = ""
    fade: bool = False
    name: Text | None = None
    area: str | None = None


class BackAct(Value, frozen=True, kw_only=True):
    """`wall.back`: the scene before the present one."""


class ControlAct(Value, frozen=True, kw_only=True):
    """`wall.ask`, `wall.give` (`to` a person, "" nobody), `wall.seize` (with a reason)."""

    to: str = ""
    reason: str = ""


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


class WallStanding(Value, frozen=True, kw_only=True):
    """What the journal says of a wall. `scenes`: the present one last. `asked`: who asks for control, in order."""

    id: str
    name: Text = Text("")
    area: str = ""
    scenes: tuple[SceneTaken, ...] = ()
    number: int = 0
    controller: str = ""
    since_ns: int = 0
    asked: tuple[str, ...] = ()


def _take(wall: WallStanding, deed: Deed) -> WallStanding:
    act: SceneAct = deed.act
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
    )
    return _controlled(
        replace(
            wall,
            name=wall.name if act.name is None else act.name,
            area=wall.area if act.area is None else act.area,
            scenes=(*wall.scenes, scene)[-MOST_SCENES:],
            number=scene.number,
        ),
        deed,
    )


def _ask_take(_wall: WallStanding, deed: Deed) -> None:
    """Raises RefusedError for what no wall could show; asked once, since every start folds all scenes there were."""
    act: SceneAct = deed.act
    try:
        role = tomllib.loads(act.layout).get("role")
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


WALL_ACTS: Final[Acts] = {
    "wall.take": ActRule(SceneAct, _take, _ask_take),
    "wall.back": ActRule(BackAct, _back),
    "wall.ask": ActRule(ControlAct, _ask),
    "wall.give": ActRule(ControlAct, _give),
    "wall.seize": ActRule(ControlAct, _seize),
}
WALL: Final = fold_of("wall", lambda id_: WallStanding(id=id_), WALL_ACTS)
