"""What stands in for a camera's feed in a replay: there is no recording, and nothing live is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.api import Picture, PictureState

NO_RECORDING: Final = "no recording"


class Released:
    """console.api.Feed that reads nothing."""

    state = PictureState.LOST
    detail = NO_RECORDING
    last_t_ns = 0
    fps = 0.0

    def picture(self) -> Picture | None:
        """None: the picture of now is not that of then."""
        return None

    def resize(self, width_px: int, height_px: int) -> None:
        """Nothing is scaled."""

    def on_picture(self, callback: Callable[[], None]) -> None:
        """Nothing arrives."""

    def close(self) -> None:
        """Nothing is open."""
