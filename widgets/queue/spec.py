"""The vehicle's foot as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class QueueSettings(Value, frozen=True):
    """`post`: id of the post that this screen rides in, "" unknown: its link and its queue are then shown."""

    post: str = ""


SPEC = PanelSpec(
    id="queue",
    title=Text("待发队列", "To send"),
    factory="widgets.queue.panel:QueuePanel",
    settings=QueueSettings,
    body_header=False,
    live=True,
)
