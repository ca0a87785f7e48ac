"""All classes of entity that the journal tells of, wired to one hub and one journal; knows no socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.node.acts import incidents
from console.node.acts.incidents import Incidents
from console.node.acts.published import Published
from console.node.hub import Hub
from console.node.intents import Intents

if TYPE_CHECKING:
    from console.node.journal.journal import Growth


class Journalled:
    """See the module. `simulated`: whether this node's city is."""

    def __init__(self, hub: Hub, intents: Intents, *, simulated: Callable[[], bool] = lambda: False) -> None:
        self.published = Published(hub)
        self.incidents = Incidents(
            self.published, intents, simulated=simulated, has_file=lambda sha256: sha256 in hub.files
        )
        self._publish = {incidents.CLS: self.incidents.publish}

    def grown(self, growth: Growth) -> None:
        """The journal has grown, by whomever: what it says of entities is published anew."""
        for view in growth.views:
            if (publish := self._publish.get(view.cls)) is not None:
                publish(view)
