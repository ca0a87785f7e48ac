"""The one timer between replica and screen: drains what changed, gives each visible tile at most one frame a tick.

Where there are many tiles they take turns, so that each keeps its own rate and no tick has to paint a whole wall.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer

from console.client.replay import Playback
from console.shell.panel_host import SAMPLES_EVERY_S, Due
from console.shell.ports import Drained
from console.shell.session import Session
from console.shell.tile import Tile
from widgets.kit.blink import blink

BUSY_MS: Final = 50
QUIET_MS: Final = 150
MAKING_MS: Final = 5
QUIET_AFTER_S: Final = 1.0
LINK_EVERY_S: Final = 0.25
TOGETHER: Final = 6
"""So many tiles may have their frames in one tick. More take turns, in smaller ticks that come more often."""
TURNS_MS: Final = 25
FEWEST: Final = 3
"""Of tiles that take turns at least so many in a tick, more where they would not keep their rate else."""
BLINKING_MS: Final = 20
GROUPED_BY: Final = frozenset({"alarm", "sensor"})


class Chrome(Protocol):
    """Top bar, alarm strip, status line: told of every tick that changed something, and once a second."""

    def refresh(self, drained: Drained, *, second: bool) -> None: ...


class Pacer(QObject):
    """Tiles and chrome are added by the windows. Nothing is painted here: widgets ask Qt for their repaint."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._tiles: list[Tile] = []
        self._chrome: list[Chrome] = []
        self._timer = QTimer(self)
        self._timer.setInterval(BUSY_MS)
        self._timer.timeout.connect(self.tick)
        self._changed_s = 0.0
        self._second = 0
        self._link_seen_s = float("-inf")
        self._playback: Playback | None = None
        self._taking_turns = self._stood_back = False
        self.ticks = 0
        self.frames = 0
        self.on_turn: Callable[[float, float], None] | None = None
        """Told at the end of each turn that bars or tiles got: when it began, s of `perf_counter` and `thread_time`."""
        session.selected.connect(self._selected)
        session.language.changed.connect(self._retranslate)

    def add_tile(self, tile: Tile) -> None:
        """Feed a tile from now on."""
        self._tiles.append(tile)

    def remove_tile(self, tile: Tile) -> None:
        """Feed it no longer."""
        if tile in self._tiles:
            self._tiles.remove(tile)

    def add_chrome(self, chrome: Chrome) -> None:
        """Refresh a bar from now on."""
        self._chrome.append(chrome)

    def remove_chrome(self, chrome: Chrome) -> None:
        """Refresh it no longer."""
        if chrome in self._chrome:
            self._chrome.remove(chrome)

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All tiles that are fed."""
        return tuple(self._tiles)

    def start(self) -> None:
        """Begin; the first tick comes at once."""
        self._timer.start()
        self.hurry()

    def stop(self) -> None:
        """End; part of the written shutdown."""
        self._timer.stop()

    def hurry(self) -> None:
        """Something must be seen soon: the timer goes back to its busy pace."""
        self._changed_s = time.monotonic()
        if self._timer.isActive() and self._timer.interval() != self._busy_ms:
            self._timer.setInterval(self._busy_ms)

    @property
    def _busy_ms(self) -> int:
        return TURNS_MS if self._taking_turns else BUSY_MS

    def tick(self) -> None:
        """One turn; the timer calls it, tests may."""
        began, now_s = (time.perf_counter(), time.thread_time()), time.monotonic()
        drained, seen = self._session.desk.drain()
        changed = _changed(drained) or _changed(seen) or self._playing()
        self.ticks += 1
        if changed:
            self._changed_s = now_s
        if drained.link_changed or seen.seeked or now_s - self._link_seen_s >= LINK_EVERY_S:
            self._link_seen_s = now_s
            self._session.look_at_link()
        if seen.seeked:
            self._session.commands.follow()
        if drained.entities & GROUPED_BY or drained.seeked:
            self._session.regroup()
        second = int(now_s) != self._second
        self._second = int(now_s)
        for tile in self._tiles:
            tile.gather(seen)
        if changed or second:
            for chrome in list(self._chrome):
                chrome.refresh(drained, second=second)
        more = self._make_one()
        given = self._give_frames(now_s)
        if self.on_turn is not None and (changed or second or given):
            self.on_turn(*began)
        quiet = now_s - self._changed_s > QUIET_AFTER_S
        wanted = MAKING_MS if more else QUIET_MS if quiet else self._busy_ms
        if self._timer.interval() != wanted:
            self._timer.setInterval(wanted)

    def _give_frames(self, now_s: float) -> int:
        """Frames to all tiles that must have one at once, and to those of the others that have waited longest."""
        visible = [tile for tile in self._tiles if tile.seen]
        due = [(tile.due(now_s), tile) for tile in visible]
        now = [tile for how, tile in due if how is Due.AT_ONCE]
        later = [(-how, tile.framed_s, n) for n, (how, tile) in enumerate(due) if Due.NOT < how < Due.AT_ONCE]
        self._taking_turns = len(visible) > TOGETHER
        rate = math.ceil(len(visible) * TURNS_MS / 1000 / SAMPLES_EVERY_S)
        most = max(FEWEST, rate) if self._taking_turns else TOGETHER
        # all that blinks, all over a wall, is painted now: what only brings samples waits for one tick
        self._stood_back = self._taking_turns and not self._stood_back and blink.near(BLINKING_MS)
        if self._stood_back:
            later = [one for one in later if -one[0] > Due.SAMPLES]
        turn = now + [due[n][1] for _how, _framed_s, n in sorted(later)[:most]]
        for tile in turn:
            tile.give_frame(now_s)
        self.frames += len(turn)
        return len(turn)

    def _playing(self) -> bool:
        """A replay's time goes on even where nothing happened in it, and the node may say that it stands otherwise."""
        replay = self._session.desk.replay
        before, self._playback = self._playback, replay.playback if replay is not None else None
        return self._playback is not before or (self._playback is not None and self._playback.playing)

    def _make_one(self) -> bool:
        """Make one panel: the window is painted and answers while the heavier ones are still to come; True: more."""
        waiting = [tile for tile in self._tiles if tile.waits_to_be_made]
        if waiting:
            min(waiting, key=lambda tile: tile.spec.late).make()
        return len(waiting) > 1

    def _selected(self, _ref: str) -> None:
        self.hurry()

    def _retranslate(self, _code: str) -> None:
        for tile in self._tiles:
            tile.retranslate()
        self.hurry()

    def restyle(self) -> None:
        """Night became day or back."""
        for tile in self._tiles:
            tile.restyle()
        self.hurry()


def _changed(drained: Drained) -> bool:
    return bool(drained.sensors or drained.entities or drained.seeked or drained.link_changed)
