"""The acts of a replay that have keys: open, play, step, seek, speed, leave; they know the session and no window."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from console.api import NS, LinkError, Notice, RefusedError, Severity, Text
from console.client.replay import SPEEDS, Playback
from console.shell.session import Session

KEY: Final = "replay"
BEFORE_NS: Final = 600 * NS
"""A replay that nobody gave a time begins so long ago: what one has just heard of is usually in it."""


class ReplayActs(QObject):
    """One per console. Acts go to the node one after the other; of seeks only the newest that waits is sent.

    Signals:
        entered: nothing; a replay has begun and its bar should have the keys.
        time_wanted: nothing; somebody wants to type a time.
    """

    entered = Signal()
    time_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._waiting: dict[str, dict[str, Any]] = {}
        self._busy = False
        self._wanted_ns, self._wanted_speed = 0, 0.0
        self._then_ask = False

    @property
    def playback(self) -> Playback | None:
        """How the replay stands, None where all is live."""
        replay = self._session.desk.replay
        return replay.playback if replay is not None else None

    @property
    def now_ns(self) -> int:
        """The time that is shown: where a seek that is under way goes to, else the replay's clock."""
        return self._wanted_ns or self._session.desk.view.now_ns

    # ------------------------------------------------------------------ in and out

    def open(self) -> None:
        """Begin ten minutes ago; in a replay, give its bar the keys."""
        if self.playback is not None:
            self.entered.emit()
        else:
            self.open_at(self._session.desk.now_ns - BEFORE_NS)

    def open_at(self, at_ns: int) -> None:
        """Show the past from `at_ns` on: a seek in a replay, else the beginning of one."""
        if self.playback is not None:
            self.seek(at_ns)
        else:
            self._start(self._open(at_ns, ""))

    def ask_time(self) -> None:
        """Have the bar ask for a time; where all is live, a replay begins first."""
        if self.playback is not None:
            self.time_wanted.emit()
        else:
            self._then_ask = True
            self.open()

    def join(self, group: str) -> None:
        """Share the replay of that short name, wherever it stands."""
        self._start(self._open(0, group))

    def leave(self) -> None:
        """Back to live, at once."""
        self._waiting.clear()
        self._wanted_ns = 0
        self._session.desk.leave_replay()
        for key in (KEY, "replay.refuses", "replay.time"):
            self._session.notices.clear(key)

    async def _open(self, at_ns: int, group: str) -> None:
        try:
            await self._session.desk.open_replay(at_ns, group)
        except (LinkError, RefusedError) as error:
            self._then_ask = False
            self._complain(Text("无法进入回放", "The replay cannot begin"), str(error))
            return
        self._session.notices.clear(KEY)
        self._session.notices.clear("replay.ended")
        self.entered.emit()
        if self._then_ask:
            self._then_ask = False
            self.time_wanted.emit()

    # ------------------------------------------------------------------ control

    def toggle(self) -> None:
        """Play or pause."""
        if (playback := self.playback) is not None:
            self._send("pause" if playback.playing else "play")

    def step(self) -> None:
        """On to the next sample's time, and stand there."""
        self._send("step")

    def seek_by(self, seconds: float) -> None:
        """Back or on, from where an earlier seek goes to."""
        self.seek(self.now_ns + int(seconds * NS))

    def seek(self, at_ns: int) -> None:
        """Jump to a time within what the store holds."""
        if (playback := self.playback) is not None:
            self._wanted_ns = clamped(at_ns, playback, self._session.desk.now_ns)
            self._send("seek", at_ns=self._wanted_ns)

    def faster(self, steps: int = 1) -> None:
        """The next faster speed; negative steps are slower."""
        if (playback := self.playback) is not None:
            known = self._wanted_speed or playback.speed
            here = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - known))
            self._wanted_speed = SPEEDS[min(max(here + steps, 0), len(SPEEDS) - 1)]
            self._send("speed", speed=self._wanted_speed)

    def _send(self, op: str, **arguments: Any) -> None:
        if self.playback is None:
            return
        self._waiting[op] = arguments
        if not self._busy:
            self._busy = True
            self._start(self._drain())

    async def _drain(self) -> None:
        replay = None
        try:
            while self._waiting and (replay := self._session.desk.replay) is not None:
                op = next(iter(self._waiting))
                await replay.control(op, **self._waiting.pop(op))
                self._session.notices.clear(KEY)
        except (LinkError, RefusedError) as error:
            if replay is self._session.desk.replay:  # one that was left need not follow
                self._complain(Text("回放没有照做", "The replay did not follow"), str(error))
        finally:
            self._waiting.clear()
            self._busy = False
            self._wanted_ns, self._wanted_speed = 0, 0.0

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._session.tasks.start("replay", work, owner=self)

    def _complain(self, what: Text, detail: str) -> None:
        tip = Text("按 L 回到实时", "L goes back to live")
        self._session.notices.raise_(Notice(key=KEY, severity=Severity.WARNING, summary=what, detail=detail, tip=tip))


def clamped(at_ns: int, playback: Playback, node_now_ns: int) -> int:
    """The nearest time that the store holds."""
    return max(playback.from_ns, min(at_ns, playback.end_ns(node_now_ns)))
