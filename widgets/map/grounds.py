"""Fetches the map layers' files and keeps them in the page's form; knows no page and no web view."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from console.api import BadInput, Host, LinkError, MapLayer, Notice, Severity, Text
from widgets.map.ground import encode_ground

RETRY_S: Final = 5.0
_KINDS: Final = {"ground": 0, "rivers": 1, "pipes": 2, "streets": 3, "labels": 4}


class Grounds:
    """The grounds of one map, in the UI thread. `changed` is called when another file has come.

    A file that cannot be had raises the notice `key`, cleared when all are there; `want` then tries again.
    """

    def __init__(self, host: Host, key: str, changed: Callable[[], None]) -> None:
        self._host, self._key, self._changed = host, key, changed
        self._files: dict[str, bytes] = {}
        self._loading = False
        self._tried_s = -RETRY_S

    def there(self) -> list[str]:
        """Hashes of the layers that can be drawn now, in the order in which they are drawn."""
        return [sha256 for sha256 in self._wanted() if sha256 in self._files]

    def file(self, sha256: str) -> bytes:
        """A ground in the page's form. Raises KeyError where it is not there."""
        return self._files[sha256]

    def want(self) -> None:
        """Start to fetch what is missing, at most once in RETRY_S."""
        missing = any(sha256 not in self._files for sha256 in self._wanted())
        if missing and not self._loading and time.monotonic() - self._tried_s >= RETRY_S:
            self._loading = True
            self._host.spawn("map ground", self._load())

    def _wanted(self) -> list[str]:
        layers = [m for m in self._host.entities(MapLayer).values() if m.sha256]
        return [m.sha256 for m in sorted(layers, key=lambda m: (_KINDS.get(m.kind, 9), m.id))]

    async def _load(self) -> None:
        try:
            # layers put while we fetch are fetched in the same run
            while todo := [sha256 for sha256 in self._wanted() if sha256 not in self._files]:
                raw = await self._host.fetch(todo[0])
                self._files[todo[0]] = await asyncio.to_thread(encode_ground, raw)
                self._changed()
            self._host.clear_notice(self._key)
        except (LinkError, BadInput) as error:
            self._tried_s = time.monotonic()
            summary = Text("底图未能装入", "The map's ground could not be loaded")
            self._host.notice(Notice(key=self._key, severity=Severity.WARNING, summary=summary, detail=str(error)))
        finally:
            self._loading = False
