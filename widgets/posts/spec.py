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
)
