"""A commander's rules for scenes that come on a wall by themselves: set from the preview, taken off by command.

Part of the composition root, owned by console.walls.directing; that a rule is kept to is the node's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from console.api import CommandSpec, Notice, RefusedError, Severity, Text, Wall
from console.rules.scene_rule import check_rule
from console.shell.session import Session
from console.walls.board import Ask, bare
from layouts.store import written
from layouts.tree import Layout

WALLS: Final = Text("大屏", "Walls")
NOTICE: Final = "wall.rule"


class SceneRules:
    """See the module.

    Args:
        act: does an act at the wall that is directed, or at another (`at`).
    """

    def __init__(self, session: Session, ask: Ask, act: Callable[..., Any]) -> None:
        self._session, self._ask, self._act = session, ask, act
        self._scene: Callable[[], Layout | None] = lambda: None

    def add_commands(self, scene: Callable[[], Layout | None]) -> None:
        """Register them; `scene`: what is in the preview."""
        self._scene = scene
        title = Text("按事件等级自动上屏…", "Take by itself at a grade…")
        self._session.commands.add(CommandSpec(id="wall.rule", title=title, group=WALLS), self.set, self._may_set)

    def _may_set(self) -> bool:
        return self._scene() is not None and self._session.desk.may("wall.rule")

    def set(self) -> None:
        """The scene in the preview comes by itself from a grade on, which is asked for; nothing comes now."""
        scene = self._scene()
        if scene is not None:
            words = Text("自动上屏的事件等级（1 特别重大 … 4 一般）", "By itself from grade (1 gravest … 4)")
            self._ask(words, str(scene.grade or 2), partial(self._set, scene))

    def _set(self, scene: Layout, grade: str) -> None:
        try:
            value = int(grade)
            check_rule(value)
        except (ValueError, RefusedError) as error:
            summary = Text(f"等级“{grade}”不可用：应为 1 至 4", f"{grade} is no grade: expected 1 to 4")
            self._session.notices.raise_(
                Notice(key=NOTICE, severity=Severity.WARNING, summary=summary, detail=str(error))
            )
            return
        self._session.notices.clear(NOTICE)
        self._act(
            "wall.rule",
            rule=scene.id,
            grade=value,
            layout=written(bare(scene)),
            title_zh=scene.title.zh,
            title_en=scene.title.of("en"),
            natures=scene.natures,
        )

    def follow(self) -> None:
        """A command to take off each rule that holds; one that holds no more cannot be run."""
        known = {command.spec.id for command in self._session.commands.all()}
        for wall in self._session.desk.entities(Wall).values():
            for rule in wall.rules:
                id_ = f"wall.rule_off_{wall.id}_{rule.id}"
                if id_ not in known:
                    zh = f"取消自动上屏：{rule.title.zh}（{rule.grade} 级起，{wall.name.zh}）"
                    en = f"Not by itself: {rule.title.of('en')} (from grade {rule.grade}, {wall.name.of('en')})"
                    spec = CommandSpec(id=id_, title=Text(zh, en), group=WALLS)
                    off, holds = partial(self._off, wall.id, rule.id), partial(self._holds, wall.id, rule.id)
                    self._session.commands.add(spec, off, holds)

    def _holds(self, wall: str, rule: str) -> bool:
        found = self._session.desk.entities(Wall).get(wall)
        there = found is not None and any(one.id == rule for one in found.rules)
        return there and self._session.desk.may("wall.rule")

    def _off(self, wall: str, rule: str) -> None:
        self._act("wall.rule_off", at=wall, rule=rule)
