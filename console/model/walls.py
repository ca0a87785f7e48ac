"""What walls are, as frozen values: the scene on each, its rules, its machines; knows no layout, act or screen."""

from __future__ import annotations

from console.model.entity import Entity
from console.model.values import LIVE, Text, Value


class Scene(Value, frozen=True, kw_only=True):
    """场景: what a wall shows: its `layout` as TOML, and what its tiles are about (`subject` "incident:…", "" nothing).

    `number` rises with every scene of the wall; `by` put it there (person id), at `t_ns`; `fade`: over a third of a
    second, else cut. `turns`: further layouts (TOML) that take turns with `layout`, each for `every_s`, by the node's
    clock from `t_ns` on; none: it stands. `context`: LIVE, or the shared replay that its tiles show. `rule`: id of the
    rule that put it there, "" a person did.
    """

    number: int
    layout: str
    title: Text
    subject: str = ""
    fade: bool = False
    by: str = ""
    t_ns: int = 0
    turns: tuple[str, ...] = ()
    every_s: int = 0
    context: str = LIVE
    rule: str = ""


class SceneRule(Value, frozen=True, kw_only=True):
    """A scene that goes on the wall by itself when an incident comes to `grade` or a graver one; a person set it.

    `natures`: only incidents of these (as in `Incident.nature`), none: any. `by` set it, at `t_ns`.
    """

    id: str
    grade: int
    layout: str
    title: Text
    natures: tuple[str, ...] = ()
    by: str = ""
    t_ns: int = 0


class Wall(Entity, frozen=True, kw_only=True):
    """大屏: its present scene, the title of the one `before` ("" none), and who controls it (person id, "" nobody).

    `asked`: who asks for control, in order. Machines of the wall show the scene; nobody commands from there.
    """

    CLS = "wall"
    name: Text = Text("")
    area: str = ""
    scene: Scene | None = None
    before: Text = Text("")
    controller: str = ""
    since_ns: int = 0
    asked: tuple[str, ...] = ()
    rules: tuple[SceneRule, ...] = ()


class WallMachine(Entity, frozen=True, kw_only=True):
    """大屏主机: how a machine of a wall stands, as it says itself; `id` "wall/machine". Gone when its link is.

    `number`: of the scene that its screens show, since `shown_ns`; `screens` their names, `missing` those of monitors
    that are gone.
    """

    CLS = "wall_machine"
    wall: str = ""
    machine: str = ""
    number: int = 0
    shown_ns: int = 0
    screens: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
