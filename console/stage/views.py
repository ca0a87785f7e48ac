"""View states of tiles on disk; knows no layout.

Part of the composition root, owned by console.stage.stage.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from console.shell.tile import Tile

log = logging.getLogger(__name__)


class Views:
    """View states of tiles by name, kept over layouts and starts; a file that cannot be read is as none."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._views: dict[str, dict[str, Any]] = msgspec.json.decode(
                file.read_bytes(), type=dict[str, dict[str, Any]]
            )
        except (OSError, msgspec.DecodeError):
            self._views = {}

    def of(self, name: str) -> dict[str, Any]:
        """The view that a tile had, {} for none."""
        return self._views.get(name, {})

    def keep(self, tiles: Iterable[Tile]) -> None:
        """Take the tiles' views before they go; a wall's show what its layout says, and begin with none."""
        self._views.update({tile.name: tile.view() for tile in tiles if not tile.on_wall})

    def save(self) -> None:
        """Write them; a full disk loses them and nothing else."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_bytes(msgspec.json.encode(self._views))
        except (OSError, TypeError):
            log.exception("views could not be saved")
