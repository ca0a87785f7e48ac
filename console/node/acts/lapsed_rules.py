"""Scene rules whose setter may set none any more: they put no scene on, and a notice says so; knows no journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from console.api import Area, Notice, SceneRule, Severity, Text, Wall
from console.node.hub import Hub

Barred = Callable[[str, str], Text | None]
"""Of a person and a wall's area: why they may set no scene rule there now; None: they may."""


def anybody(_person: str, _area: str) -> None:
    """Of a node without people: everybody may."""


def lapsed(wall: Wall, barred: Barred) -> Iterator[tuple[SceneRule, Text]]:
    """The rules of a wall in whose setter's name the node does nothing any more, each with the reason."""
    for rule in wall.rules:
        if (why := barred(rule.by, wall.area)) is not None:
            yield rule, why


class LapsedRules:
    """Raises a notice a wall, `wall.rules:WALL`, and clears it once all its rules hold or the others are off."""

    def __init__(self, hub: Hub, barred: Barred) -> None:
        self._hub, self._barred = hub, barred
        self._said: set[str] = set()

    def tick(self) -> None:
        """Look at all walls; of one whose area no source has told yet nobody's rights are known."""
        areas = self._hub.entities.get(Area.CLS, {})
        walls = (wall for wall in self._hub.entities.get(Wall.CLS, {}).values() if isinstance(wall, Wall))
        known = (wall for wall in walls if not wall.area or wall.area in areas)
        notices = [_notice(wall, found) for wall in known if (found := list(lapsed(wall, self._barred)))]
        keys = {notice.key for notice in notices}
        for key in self._said - keys:
            self._hub.clear_notice(key)
        self._said = keys
        for notice in notices:
            self._hub.notice(notice)


TIP: Final = Text("由有权限的人重新设定该规则，或将其取消", "have who may set it set the rule anew, or take it off")


def _notice(wall: Wall, found: list[tuple[SceneRule, Text]]) -> Notice:
    named_zh = "、".join(f"“{rule.title.zh}”（{rule.by}：{why.zh}）" for rule, why in found)
    named_en = ", ".join(f"{rule.title.of('en')!r} ({rule.by}: {why.of('en')})" for rule, why in found)
    return Notice(
        key=f"wall.rules:{wall.id}",
        about=(f"{Wall.CLS}:{wall.id}",),
        severity=Severity.WARNING,
        summary=Text(
            f"大屏“{wall.name.zh}”的规则不再自动上屏：{named_zh}",
            f"{wall.name.of('en')}: scenes that come by rule no more: {named_en}",
        ),
        tip=TIP,
    )
