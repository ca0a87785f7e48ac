"""Which of a scene's layouts is seen at a time: scenes that take turns, by the node's clock alone; knows no screen.

All machines of a wall, and every desk that shows it, come to the same answer without a word between them.
"""

from __future__ import annotations

from console.api import NS, Scene
from layouts.store import parse_text
from layouts.tree import Layout, by_content


def turn_of(scene: Scene, now_ns: int) -> tuple[str, int]:
    """The layout (TOML) that a scene shows at `now_ns` (node time, UTC ns), and until when; 0: it stands.

    Before its own time a scene shows its first layout, so that a clock that is a little behind begins alike.
    """
    layouts = (scene.layout, *scene.turns)
    if len(layouts) == 1 or scene.every_s <= 0:
        return scene.layout, 0
    turn = max(0, now_ns - scene.t_ns) // (scene.every_s * NS)
    return layouts[turn % len(layouts)], scene.t_ns + (turn + 1) * scene.every_s * NS


def layout_of(scene: Scene, toml: str) -> Layout:
    """One of a scene's layouts with the screens of all machines. Raises SettingsError.

    Its tiles are named by what they show: one that is in the next too stays, and has the same name on every machine.
    """
    return by_content(parse_text(toml, f"scene '{scene.title.of('en')}'"))
