"""Posts and teams as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value
from widgets.kit.subject import About


class PostsSettings(Value, frozen=True):
    """`kinds`: kinds of resources listed beneath the posts; empty: all that move.

    `about` "subject": all by their distance from the incident that is selected, on a wall its scene's, nearest first;
    none selected, or nobody knows where it is: posts first.
    """

    kinds: tuple[str, ...] = ()
    about: About = ""


SPEC = PanelSpec(
    id="posts",
    title=Text("指挥部与队伍", "Posts and teams"),
    factory="widgets.posts.panel:PostsPanel",
    settings=PostsSettings,
    help=Text(
        "指挥部在前，然后是车辆和队伍：链路、状态、地点、多久前的消息。\n"
        "↑ ↓\t选一个，地图随之\n"
        "紫 ✕ 6 min\t断联多久；待发 N 是等着发给它的\n"
        "斜纹\t消息已旧",
        "Command posts first, then vehicles and crews: link, status, place, and how old the news is.\n"
        "↑ ↓\tchoose one, the map follows\n"
        "violet ✕ 6 min\tcut for so long; the number is what waits to be sent to it\n"
        "hatch\tthe news is old",
    ),
)
