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
    help=Text(
        "这辆车是否在正常工作、数据到何时、有多少待发、与上级和节点的链路。\nEnter\t立即重连",
        "Whether this vehicle works on, how new its data is, what waits to be sent, and the links to "
        "above and to its node.\n"
        "Enter\treconnect now",
    ),
)
