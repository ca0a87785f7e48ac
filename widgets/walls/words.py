"""What is said of a wall: its scene, who controls it, its rules, how each of its machines stands; paints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

from console.api import LIVE, NS, Scene, SceneRule, Text, Value, Wall, WallMachine
from widgets.kit.hanging import Hanging, screen_name
from widgets.kit.text import age_text, duration_text, when_text

translate = QCoreApplication.translate
CHANGING_NS: Final = 3 * NS
"""So long a machine may still show the scene before the newest, and is changing."""
NUMERALS: Final = ("", "I", "II", "III", "IV")
Who = Callable[[str], str]


class Standing(Value, frozen=True):
    """How one machine stands: `wrong`: something is to be done about it."""

    words: str
    wrong: bool = False


def scene_line(scene: Scene, now_ns: int, language: str, who: Who) -> str:
    """Since when and by whom a scene stands, whether it turns, shows the past, or came by a rule."""
    since, lasts = when_text(scene.t_ns, now_ns), duration_text(max(0, now_ns - scene.t_ns) / NS, language)
    if scene.rule:
        said = translate("WallsPanel", "by a rule of {person} at {time}, {lasts} ago")
    else:
        said = translate("WallsPanel", "by {person} at {time}, {lasts} ago")
    parts = [said.format(person=who(scene.by), time=since, lasts=lasts)]
    if scene.turns:
        turns = translate("WallsPanel", "{count} scenes in turn, each {lasts}")
        parts.append(turns.format(count=len(scene.turns) + 1, lasts=duration_text(scene.every_s, language)))
    if scene.context != LIVE:
        parts.append(translate("WallsPanel", "replay {name}").format(name=scene.context.partition(":")[2]))
    return " · ".join(parts)


def control_words(wall: Wall, me: str, who: Who) -> str:
    """Who controls a wall, and who asks for it."""
    if not wall.controller:
        said = translate("WallsPanel", "nobody controls it")
    elif wall.controller == me:
        said = translate("WallsPanel", "controlled from here")
    else:
        said = translate("WallsPanel", "controlled by {person}").format(person=who(wall.controller))
    if wall.asked:
        asks = translate("WallsPanel", "{person} asks for it").format(person=who(wall.asked[0]))
        said = f"{said} · {asks}" + (f" +{len(wall.asked) - 1}" if len(wall.asked) > 1 else "")
    return said


def rule_words(rules: Sequence[SceneRule], language: str, who: Who) -> str:
    """The rules in force, "" none."""
    if not rules:
        return ""
    said = translate("WallsPanel", "grade {grade} or graver → {scene}")
    one = [said.format(grade=NUMERALS[min(max(r.grade, 0), 4)], scene=r.title.of(language)) for r in rules]
    by = "、".join(dict.fromkeys(who(rule.by) for rule in rules if rule.by))
    head = translate("WallsPanel", "By itself: {rules}").format(
        rules="；".join(one) if language == "zh" else "; ".join(one)
    )
    return f"{head} ({by})" if by else head


def machine_name(machine: str) -> str:
    """How a machine is called; a wall of one machine need not name it."""
    return (
        translate("WallsPanel", "machine {name}").format(name=machine)
        if machine
        else translate("WallsPanel", "the wall machine")
    )


def machines(
    wall: Wall, hanging: Hanging, here: Mapping[str, WallMachine], gone: Mapping[str, int], now_ns: int, language: str
) -> list[Standing]:
    """How each machine of a wall stands: those that are there, were there, or have screens in the scene.

    Args:
        here: by machine's name; `gone`: when the link of one ended that was here before, node time.
    """
    shown = {name for machine in here.values() for name in machine.screens}  # a machine without a name has all screens
    lacking = {one.machine for one in hanging.screens if one.machine and one.name not in shown}
    wanted = sorted({*here, *gone, *lacking})
    found = [
        _standing(wall.scene, machine, here.get(machine), gone.get(machine, 0), now_ns, language) for machine in wanted
    ]
    if not found and wall.scene is not None:
        found = [Standing(words=translate("WallsPanel", "no machine of this wall is connected"), wrong=True)]
    return found


def _standing(
    scene: Scene | None, machine: str, here: WallMachine | None, gone_ns: int, now_ns: int, language: str
) -> Standing:
    name = machine_name(machine)
    if here is None:
        if gone_ns:
            age = age_text((now_ns - gone_ns) / NS, language)
            return Standing(
                words=translate("WallsPanel", "{name}: not heard for {age}").format(name=name, age=age), wrong=True
            )
        return Standing(words=translate("WallsPanel", "{name}: never heard").format(name=name), wrong=True)
    if here.missing:
        lost = ("、" if language == "zh" else ", ").join(screen_name(one, language) for one in here.missing)
        return Standing(
            words=translate("WallsPanel", "{name}: no monitor for {screens}").format(name=name, screens=lost),
            wrong=True,
        )
    if scene is None:
        return Standing(words=translate("WallsPanel", "{name}: waits for a scene").format(name=name))
    if here.number == scene.number:
        return Standing(
            words=translate("WallsPanel", "{name}: shows scene {number}").format(name=name, number=here.number)
        )
    if now_ns - scene.t_ns < CHANGING_NS:
        return Standing(words=translate("WallsPanel", "{name}: changing").format(name=name))
    if not here.number:
        return Standing(words=translate("WallsPanel", "{name}: shows no scene yet").format(name=name), wrong=True)
    said = translate("WallsPanel", "{name}: still on scene {number}").format(name=name, number=here.number)
    return Standing(words=said, wrong=True)


def wrong_screens(hanging: Hanging, here: Mapping[str, WallMachine], gone: Mapping[str, int]) -> dict[str, str]:
    """What is wrong with a screen of which no picture can count: its monitor is gone, its machine is not there."""
    found: dict[str, str] = {}
    lost = {name for machine in here.values() for name in machine.missing}
    shown = {name for machine in here.values() for name in machine.screens}
    for one in hanging.screens:
        if one.name in lost:
            found[one.name] = translate("WallsPanel", "no monitor")
        elif one.name not in shown and (one.machine or gone or not here):
            away = one.machine and one.machine not in here and one.machine not in gone
            found[one.name] = translate("WallsPanel", "never heard") if away else translate("WallsPanel", "not heard")
    return found


def title_of(scene: Scene | None, language: str) -> str:
    """The scene's title."""
    return scene.title.of(language) if scene is not None else translate("WallsPanel", "no scene yet")


EMPTY: Final = Text(
    "大屏主机上运行：main.py wall --name 编号 --connect wss://节点:8443 --ca ca.pem --cert wall-编号.pem "
    "--key wall-编号.key；"
    "再预演一个场景（Ctrl+K），按 W 上屏。证书与多主机见 docs/howto/several-machines.md 第 4 节。",
    "On the wall's machine run: main.py wall --name ID --connect wss://NODE:8443 --ca ca.pem --cert wall-ID.pem --key "
    "wall-ID.key; then preview a scene (Ctrl+K) and press W. Certificates and several machines: "
    "docs/howto/several-machines.md, part 4.",
)
"""How a wall comes to be here."""
