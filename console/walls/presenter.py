"""What a presenter's hand does, as messages: few enough for a link, shown here at once; knows no widget.

The messages are told to the own screens by the same way as to others', so that nothing looks other there.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from console.api import LinkError, Pointed, RefusedError
from console.walls.presenting import Audience, Said
from console.wire.presentation import COLOURS, POINTS, Presentation, harmless, view_changed
from console.wire.walls import Present, Presenting, PresentRefused

POINTER_S: Final = 1 / 40
STROKE_S: Final = 1 / 30
"""What the hand does is sent no more often; `flush` sends what was left."""
VIEW_S: Final = 0.2
LEAST: Final = 2.0
"""Places of a stroke that are nearer than so many px are one."""


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A place under the hand: in px of its tile, and what the tile says lies there, else as a share of its body."""

    tile: str
    px: tuple[float, float]
    pointed: Pointed | None
    share: tuple[float, float]

    @property
    def content(self) -> bool:
        """Whether it is told in the tile's own coordinates."""
        return self.pointed is not None

    @property
    def point(self) -> tuple[float, float]:
        """The place as it travels."""
        return (self.pointed.a, self.pointed.b) if self.pointed is not None else self.share


class Presenter:
    """See the module.

    Args:
        wall: id of the wall.
        me: under which name this desk acts.
        failed: told why something could not be sent.
    """

    def __init__(
        self,
        wall: str,
        audience: Audience,
        me: Callable[[], str],
        failed: Callable[[Exception], None],
        *,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wall, self._audience, self._me, self._failed, self._now_s = wall, audience, me, failed, now_s
        self.colour = 0
        self.wants = False
        """Whether this desk presents, or asked to."""
        self._asked = False
        """Whether an answer to "begin" is due."""
        self._drawn: list[str] = []
        """Own strokes that stand, the last one last."""
        self._stroke: Present | None = None
        self._last_px = (0.0, 0.0)
        self._waiting: list[tuple[float, float]] = []
        self._pointer: Present | None = None
        self._pointer_s = self._stroke_s = -math.inf
        self._views: dict[str, Mapping[str, Any]] = {}
        self._views_s: dict[str, float] = {}

    @property
    def marks(self) -> Presentation:
        """How the presentation on the wall stands."""
        return self._audience.marks(self.wall)

    @property
    def presents(self) -> bool:
        """Whether the node has this desk for the presenter of the wall."""
        return self.wants and self.marks.by == self._me()

    # ------------------------------------------------------------------ begin and end

    def begin(self) -> None:
        """Present from now on, or again after a cut."""
        self.wants = self._asked = True
        self._send(Present(wall=self.wall, op="begin", by=self._me()))

    def end(self) -> None:
        """No more; all marks go."""
        if self.wants:
            self.wants = False
            self._send(Present(wall=self.wall, op="end", by=self._me()))
        self.forget()

    def heard(self, message: Said) -> None:
        """What the node says of the wall: it ends presentations too, and refuses them."""
        match message:
            case Presenting() if message.by == self._me():
                self._asked = False
            case Presenting() if not self._asked or message.by:
                self.wants = self._asked = False
                self.forget()
            case PresentRefused(op="begin"):
                self.wants = self._asked = False
            case _:
                pass

    def forget(self) -> None:
        """What was begun by the hand is over."""
        self._drawn.clear()
        self._views.clear()
        self._waiting.clear()
        self._stroke = self._pointer = None

    # ------------------------------------------------------------------ the hand

    def point(self, spot: Spot | None) -> None:
        """The hand is there; None: nowhere."""
        if not self.presents:
            return
        message = Present(wall=self.wall, op="pointer")
        if spot is not None:
            message = self._at(message, spot)
        self._show(message)
        self._pointer = message
        if self._now_s() - self._pointer_s >= POINTER_S or spot is None:
            self._send_pointer()

    def press(self, spot: Spot) -> None:
        """A stroke begins."""
        if self.presents:
            self.release()
            name = secrets.token_hex(4)
            begun = Present(wall=self.wall, op="stroke", stroke=name, colour=self.colour)
            self._stroke = msgspec.structs.replace(self._at(begun, spot), points=())
            self._drawn.append(name)
            self._draw(spot)

    def drag(self, spot: Spot) -> None:
        """It goes on, in the tile and of the thing that it began on."""
        if (
            self._stroke is not None
            and math.dist(spot.px, self._last_px) >= LEAST
            and spot.content is self._stroke.content
        ):
            self._draw(spot)

    def release(self) -> None:
        """It ends."""
        self._send_stroke()
        self._stroke = None

    @property
    def drawing(self) -> tuple[str, str] | None:
        """Tile and thing that the stroke under way is on."""
        return (self._stroke.tile, self._stroke.of) if self._stroke is not None else None

    def _draw(self, spot: Spot) -> None:
        assert self._stroke is not None
        self._last_px = spot.px
        self._show(msgspec.structs.replace(self._stroke, points=(spot.point,)))
        self._waiting.append(spot.point)
        if self._now_s() - self._stroke_s >= STROKE_S:
            self._send_stroke()

    def pick(self, colour: int) -> None:
        """The next strokes are in this ink, 0 to 3."""
        self.colour = min(max(colour, 0), COLOURS - 1)

    def undo(self) -> None:
        """The last own stroke goes."""
        self.release()
        standing = self.marks.strokes
        while self._drawn:
            name = self._drawn.pop()
            if name in standing:
                self._do(Present(wall=self.wall, op="undo", stroke=name))
                return

    def clear(self) -> None:
        """All strokes go."""
        self.release()
        self._drawn.clear()
        if self.presents:
            self._do(Present(wall=self.wall, op="clear"))

    def freeze(self, tile: str) -> None:
        """A tile stands still, or goes on again."""
        if self.presents:
            self._do(Present(wall=self.wall, op="freeze", tile=tile, on=tile not in self.marks.frozen))

    def view(self, tile: str, state: Mapping[str, Any], *, own: bool = False) -> None:
        """A tile looks so here: so it shall on the wall, where it is another than was told last.

        `own`: a hand has moved it here, maybe before it presented.
        """
        if not self.presents or tile in self.marks.frozen or not harmless(state):
            return
        if view_changed(self._views.get(tile), state) and self._now_s() - self._views_s.get(tile, -math.inf) >= VIEW_S:
            first = tile not in self._views
            self._views[tile] = dict(state)
            if own or not first:  # as it stands when presenting begins, the wall's own is as good
                self._views_s[tile] = self._now_s()
                self._do(Present(wall=self.wall, op="view", tile=tile, state=dict(state)))

    # ------------------------------------------------------------------ sent

    def flush(self) -> None:
        """Called some times a second: what was held back goes."""
        if self._pointer is not None:
            self._send_pointer()
        if self._waiting:
            self._send_stroke()

    def _send_pointer(self) -> None:
        message, self._pointer = self._pointer, None
        if message is not None:
            self._pointer_s = self._now_s()
            self._send(message)

    def _send_stroke(self) -> None:
        points, self._waiting = self._waiting, []
        if self._stroke is None or not points:
            return
        self._stroke_s = self._now_s()
        for at in range(0, len(points), POINTS):
            self._send(msgspec.structs.replace(self._stroke, points=tuple(points[at : at + POINTS])))

    @staticmethod
    def _at(message: Present, spot: Spot) -> Present:
        of = spot.pointed.of if spot.pointed is not None else ""
        return msgspec.structs.replace(message, tile=spot.tile, points=(spot.point,), content=spot.content, of=of)

    def _do(self, message: Present) -> None:
        self._show(message)
        self._send(message)

    def _show(self, message: Present) -> None:
        self._audience.heard(msgspec.structs.replace(message, by=self.marks.by))

    def _send(self, message: Present) -> None:
        try:
            self._audience.walls.present(message)
        except (LinkError, RefusedError) as error:
            self._failed(error)
