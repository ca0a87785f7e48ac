"""Areas and domains that a source TOML declares, as a source of their own; knows no file."""

from __future__ import annotations

from console.api import Area, ChannelKind, Columns, Domain, Entity, Sink, SourceSpec, Span, Text, Value
from console.node.sources.replay.reel import nothing


class PlacesSettings(Value, frozen=True):
    """What [[area]] and [[domain]] tables say."""

    areas: tuple[Area, ...] = ()
    domains: tuple[Domain, ...] = ()


class PlacesSource:
    """Puts its entities and ends (console.api.Source)."""

    def __init__(self, settings: PlacesSettings) -> None:
        self._entities: tuple[Entity, ...] = (*settings.areas, *settings.domains)

    async def run(self, sink: Sink) -> None:
        """Declare everything; there is nothing to wait for."""
        sink.put(*self._entities)

    async def query(self, span: Span) -> Columns:
        """Places have no samples."""
        return nothing(ChannelKind.SCALAR)


SPEC = SourceSpec(
    id="places",
    title=Text("区域与行业", "Areas and domains"),
    factory="console.node.sources.config.places:PlacesSource",
    settings=PlacesSettings,
)
