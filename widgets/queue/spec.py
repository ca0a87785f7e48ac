"""The vehicle's foot as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class QueueSettings(Value, frozen=True):
    """Nothing can be set."""


SPEC = PanelSpec(
    id="queue",
    title=Text("待发队列", "To send"),
    factory="widgets.queue.panel:QueuePanel",
    settings=QueueSettings,
    body_header=False,
)
