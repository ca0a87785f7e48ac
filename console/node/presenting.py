"""Who presents on which wall and what they show there: rights, bounds, who comes late, when it ends; keeps nothing.

Of each wall one person at a time, who controls it or may take it while nobody does. What they do is passed on to all
who watch that wall. That they began and ended is written down, what they drew is not.
"""

from __future__ import annotations

import asyncio
import collections
import time
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from console.api import RefusedError, Wall
from console.node.access.actions import Action
from console.node.access.audit import Audited
from console.node.access.sessions import Session
from console.node.access.verdict import words
from console.node.guard import Guard
from console.node.hub import Hub
from console.node.visit import Visit
from console.node.wall_room import WallRooms
from console.rules.wall_control import may_present
from console.wire.codec import encode
from console.wire.presentation import Presentation, check, plain
from console.wire.walls import Present, Presenting, PresentRefused

ABSENT_S: Final = 30.0
"""So long a presenter's link may be gone."""
POINTER_S: Final = 1 / 60
VIEW_S: Final = 0.1
"""Pointers, and views of one tile, are passed on no faster; of those that come faster the newest is, in time."""
PER_S: Final = 120.0
BURST: Final = 240.0
"""Messages of a presenter beside those; what is beyond is refused, and counted."""
REFUSALS_S: Final = 1.0
"""A connection is told no more often that something was refused."""
AGAIN_S: Final = 1.0
WALLS: Final = 256
"""Most walls on which somebody presents at a time."""


class Timer(Protocol):
    """What `later` gives."""

    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Timer]


def _later(seconds: float, act: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, act)


class _Show:
    """A presentation, whose it is, and what of it waits to be passed on."""

    def __init__(self, marks: Presentation, visit: Visit, seat: Session | None, now_s: float) -> None:
        self.marks, self.seat = marks, seat
        self.visit: Visit | None = visit
        self.gone_s = 0.0
        self.room, self.filled_s = BURST, now_s
        self.passed_s: dict[str, float] = {}
        self.waiting: dict[str, Present] = {}
        self.timers: dict[str, Timer] = {}

    def spend(self, now_s: float) -> bool:
        """Whether one more message may come now."""
        self.room = min(BURST, self.room + (now_s - self.filled_s) * PER_S)
        self.filled_s = now_s
        if self.room < 1:
            return False
        self.room -= 1
        return True

    def stop(self) -> None:
        """Nothing of it is passed on any more."""
        for timer in self.timers.values():
            timer.cancel()
        self.timers.clear()
        self.waiting.clear()


class Presentations:
    """See the module; `rooms` asks it by `presents`, and tells it of who begins to watch.

    Args:
        guard: asks what each session may; None: everybody may present who is no wall, under the name they say.
        now_s: a clock that never goes back.
        later: calls back after so many seconds.

    Attributes:
        dropped: messages that were not passed on, by why.
    """

    def __init__(
        self,
        rooms: WallRooms,
        hub: Hub,
        guard: Guard | None,
        *,
        now_s: Callable[[], float] = time.monotonic,
        later: Later = _later,
    ) -> None:
        self._rooms, self._hub, self._guard = rooms, hub, guard
        self._now_s, self._later = now_s, later
        self._shows: dict[str, _Show] = {}
        self._refused_s: dict[Visit, float] = {}
        self._began: dict[str, tuple[str, float]] = {}
        """Who began last and when, by wall: each time is written down."""
        self.dropped: collections.Counter[str] = collections.Counter()
        rooms.presents, rooms.on_watch = self, self.watched

    def close(self) -> None:
        """The node ends."""
        for show in self._shows.values():
            show.stop()
        self._shows.clear()

    # ------------------------------------------------------------------ messages

    def take(self, visit: Visit, message: Present) -> None:
        """One thing that somebody wants to present; what may not be is answered, a few times a second at most."""
        try:
            check(message)
            wall = self._wall(message.wall)
            match message.op:
                case "begin":
                    self._begin(visit, message, wall)
                case "end":
                    self._mine(visit, wall)
                    self._end(wall.id, "ended")
                case _:
                    self._act(visit, message, wall)
        except RefusedError as error:
            self._refuse(visit, message, error)

    def _wall(self, id_: str) -> Wall:
        wall = self._hub.entities.get(Wall.CLS, {}).get(id_)
        if not isinstance(wall, Wall):
            raise RefusedError(f"wall rule: no wall '{id_[:80]}' here", zh=f"大屏规则：没有大屏“{id_[:80]}”")
        return wall

    def _begin(self, visit: Visit, message: Present, wall: Wall) -> None:
        show = self._shows.get(wall.id)
        by = self._who(visit, message, wall)
        may_present(by, wall.controller, show.marks.by if show is not None else "")
        if show is not None and (show.visit, show.seat) == (visit, visit.seat):
            self.watched(visit, wall.id)  # nothing new: who asks is told, nobody else is kept busy
            return
        if show is None:
            if len(self._shows) >= WALLS:
                raise RefusedError("wall rule: too many present", zh="大屏规则：演示过多")
            last, began_s = self._began.get(wall.id, ("", 0.0))
            if by == last and self._now_s() - began_s < AGAIN_S:
                raise RefusedError("wall rule: begin again in a second", zh="大屏规则：请一秒后再开始")
            self._began[wall.id] = (by, self._now_s())
            number = wall.scene.number if wall.scene is not None else 0
            marks = Presentation(wall.id, by, self._hub.clock(), number)
            show = self._shows[wall.id] = _Show(marks, visit, visit.seat, self._now_s())
            self._write(show, "begin")
        # the same person again, back from a cut or at another desk: what stands goes on
        show.visit, show.seat = visit, visit.seat
        self._tell(wall.id)

    def _who(self, visit: Visit, message: Present, wall: Wall) -> str:
        """The person, who must have the right to take the wall. Raises RefusedError."""
        guard, seat = self._guard, visit.seat
        if guard is None:
            if visit.role == "wall":
                raise RefusedError("wall rule: a wall presents nothing", zh="大屏规则：大屏主机不能演示")
            return message.by or visit.place or "desk"
        if seat is None:
            raise RefusedError("wall rule: nobody is logged in", zh="大屏规则：无人登录")
        verdict = guard.gate.may(seat, Action.WALL_TAKE, wall.area, None, Wall.CLS, f"{Wall.CLS}:{wall.id}")
        if not verdict.may:
            said = words(verdict)
            raise RefusedError(said.of("en"), zh=said.zh)
        return (message.by if guard.gate.is_local else "") or seat.person

    def _mine(self, visit: Visit, wall: Wall) -> _Show:
        """The presentation of this connection. Raises RefusedError where there is none that may go on."""
        show = self._shows.get(wall.id)
        if show is None or show.visit is not visit:
            raise RefusedError("wall rule: begin to present first", zh="大屏规则：请先开始演示")
        if wall.controller not in ("", show.marks.by):
            self._end(wall.id, "control went to another")
            may_present(show.marks.by, wall.controller, "")
        if self._guard is not None and (visit.seat is not show.seat or show.seat is None):
            raise RefusedError("wall rule: begin to present first", zh="大屏规则：请先开始演示")
        if self._guard is not None and show.seat is not None and self._guard.locked(show.seat):
            raise RefusedError("wall rule: the screen is locked", zh="大屏规则：席位已锁定")
        return show

    def _act(self, visit: Visit, message: Present, wall: Wall) -> None:
        show = self._mine(visit, wall)
        self._follow(show, wall)
        by = msgspec.structs.replace(plain(message), by=show.marks.by, t_ns=self._hub.clock())
        if by.op == "pointer":
            show.marks.take(by)
            self._newest(show, "pointer", by, POINTER_S)
            return
        if not show.spend(self._now_s()):
            self.dropped["too fast"] += 1
            raise RefusedError(f"presenting: more than {PER_S:.0f} a second", zh=f"演示：每秒超过 {PER_S:.0f} 次")
        show.marks.take(by)
        if by.op == "view":
            self._newest(show, f"view/{by.tile}", by, VIEW_S)
        else:
            self._rooms.tell(wall.id, by, but=visit)

    # ------------------------------------------------------------------ passed on

    def _newest(self, show: _Show, key: str, message: Present, every_s: float) -> None:
        """Pass it on now, or the newest of its kind as soon as it may."""
        if key in show.timers:
            show.waiting[key] = message
            self.dropped["newer came"] += 1
            return
        left_s = show.passed_s.get(key, -every_s) + every_s - self._now_s()
        if left_s <= 0:
            self._pass_on(show, key, message)
            return
        show.waiting[key] = message
        show.timers[key] = self._later(left_s, lambda: self._due(show, key))

    def _due(self, show: _Show, key: str) -> None:
        show.timers.pop(key, None)
        message = show.waiting.pop(key, None)
        if message is not None:
            self._pass_on(show, key, message)

    def _pass_on(self, show: _Show, key: str, message: Present) -> None:
        show.passed_s[key] = self._now_s()
        self._rooms.tell(message.wall, message, but=show.visit, newest=key)

    def _tell(self, wall: str) -> None:
        """All who watch are told all that stands; the presenter too, who may have come back."""
        self._rooms.tell(wall, self._standing(wall))

    def _standing(self, wall: str) -> Presenting:
        show = self._shows.get(wall)
        if show is None:
            return Presenting(wall=wall)
        marks = show.marks
        return Presenting(wall=wall, by=marks.by, since_ns=marks.since_ns, scene=marks.scene, done=marks.done())

    def watched(self, visit: Visit, wall: str) -> None:
        """Somebody begins to watch: they are told all that stands."""
        visit.outbox.send(encode(self._standing(wall)))

    def _refuse(self, visit: Visit, message: Present, error: RefusedError) -> None:
        self.dropped["refused"] += 1
        now_s = self._now_s()
        if now_s - self._refused_s.get(visit, -REFUSALS_S) < REFUSALS_S:
            return
        self._refused_s[visit] = now_s
        wall, op = message.wall[:80], message.op[:80]
        visit.outbox.send(encode(PresentRefused(wall=wall, op=op, zh=error.zh, en=str(error))))

    # ------------------------------------------------------------------ how it ends

    def _follow(self, show: _Show, wall: Wall) -> None:
        """Another scene stands on the wall: all are told what is left."""
        if wall.scene is not None and show.marks.next_scene(wall.scene.number):
            show.stop()
            show.passed_s.clear()
            self._tell(wall.id)

    def _end(self, wall: str, why: str) -> None:
        show = self._shows.pop(wall)
        show.stop()
        self._write(show, why)
        self._tell(wall)

    def _write(self, show: _Show, what: str) -> None:
        if self._guard is not None:
            entity = f"{Wall.CLS}:{show.marks.wall}"
            write = self._guard.gate.recorder.write
            write(Audited.PRESENTED, show.seat, ok=True, person=show.marks.by, entity=entity, reason=what)

    def left(self, visit: Visit) -> None:
        """The connection is gone; its presenter may come back within half a minute."""
        self._refused_s.pop(visit, None)
        for show in self._shows.values():
            if show.visit is visit:
                show.visit, show.gone_s = None, self._now_s()

    def tick(self, now_s: float) -> None:
        """About a second passed: who is gone too long, whose control or right is another's, what scene it is now."""
        for id_, show in list(self._shows.items()):
            if why := self._over(show, now_s):
                self._end(id_, why)
            else:
                self._follow(show, self._wall(id_))

    def _over(self, show: _Show, now_s: float) -> str:
        """Why a presentation ends now, "" where it goes on."""
        wall = self._hub.entities.get(Wall.CLS, {}).get(show.marks.wall)
        if not isinstance(wall, Wall):
            return "the wall is gone"
        if wall.controller not in ("", show.marks.by):
            return "control went to another"
        if show.visit is None:
            return "the link was gone" if now_s - show.gone_s > ABSENT_S else ""
        if self._guard is not None and (show.visit.seat is not show.seat or show.seat is None):
            show.visit, show.gone_s = None, now_s  # the session has ended; the same person may log in again
        elif self._guard is not None and show.seat is not None and not self._may_still(self._guard, show.seat, wall):
            return "the right is gone"
        return ""

    @staticmethod
    def _may_still(guard: Guard, seat: Session, wall: Wall) -> bool:
        now_ns = guard.gate.steady.now_ns()
        return guard.gate.rights.may(seat.person, Action.WALL_TAKE, wall.area, None, Wall.CLS, now_ns=now_ns).may
