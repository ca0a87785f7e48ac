"""What one source writes to: entities, samples, files, cameras, notices, into a hub; knows no source and no reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from console.api import ChannelKind, Columns, Entity, Notice, Sensor
from console.node.acts.published import Published


class SourceSink:
    """See the module and `console.api.Sink`."""

    def __init__(
        self,
        published: Published,
        source: str,
        learned: Callable[[], None],
        serve_file: Callable[[str, str, bool], str],
    ) -> None:
        self._published, self._hub = published, published.hub
        self._source, self._learned, self._serve_file = source, learned, serve_file

    @property
    def now_ns(self) -> int:
        """Node time, UTC ns."""
        return self._hub.clock()

    def put(self, *entities: Entity) -> None:
        """Add or replace entities."""
        self._hub.put(self._source, self._published.theirs(entities))
        if any(isinstance(entity, Sensor) for entity in entities):
            self._learned()

    def drop(self, cls: type[Entity], *ids: str) -> None:
        """Remove entities."""
        self._hub.drop(cls, self._published.droppable(cls, ids))

    def handle(self, sensor_id: str) -> int:
        """The sensor's handle; KeyError where it was not put."""
        return self._hub.handles[sensor_id]

    def samples(self, channel: ChannelKind, columns: Columns) -> None:
        """Publish samples."""
        self._hub.samples(channel, columns)

    def file(self, content: bytes) -> str:
        """Keep a file, return its sha256."""
        return self._hub.keep_file(content)

    def camera_url(self, camera_id: str, stream: str, url: str) -> None:
        """Remember where a camera's stream is read."""
        self._hub.camera_urls[(camera_id, stream)] = url

    def camera_file(self, camera_id: str, stream: str, file: str, *, loop: bool = True) -> None:
        """Have the camera server serve a file as this stream."""
        slug = hashlib.sha256(f"{camera_id}/{stream}".encode()).hexdigest()[:16]
        self.camera_url(camera_id, stream, self._serve_file(slug, file, loop))

    def notice(self, notice: Notice) -> None:
        """Raise a notice under this source's own prefix."""
        self._hub.notice(msgspec.structs.replace(notice, key=f"source:{self._source}:{notice.key}"))

    def clear_notice(self, key: str) -> None:
        """Clear a notice of this source."""
        self._hub.clear_notice(f"source:{self._source}:{key}")
