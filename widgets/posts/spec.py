"""Posts and teams as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class PostsSettings(Value, frozen=True):
    """`kinds`: kinds of resources listed beneath the posts; empty: all that move."""

    kinds: tuple[str, ...] = ()


SPEC = PanelSpec(
    id="posts",
    title=Text("指挥部与队伍", "Posts and teams"),
    factory="widgets.posts.panel:PostsPanel",
    settings=PostsSettings,
)
