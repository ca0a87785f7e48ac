"""Which connections watch which wall, which are its machines, what goes between them; keeps nothing, knows no layout.

What a machine says of itself is published as `WallMachine`; pictures pass through, the newest alone, to who may see.
"""

from __future__ import annotations

import collections
import logging
import time
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from console.api import Wall, WallMachine
from console.node.guard import Guard
from console.node.hub import Hub
from console.node.visit import Visit
from console.wire.codec import encode
from console.wire.frames import Message, Unknown
from console.wire.walls import Present, WallDown, WallPicture, WallSeen, WallWatch, WallWatched

log = logging.getLogger(__name__)
CAPABILITY: Final = "walls"
SILENT_S: Final = 30.0
"""A machine that says nothing for so long is taken for gone, though its link may stand."""
PICTURE_BYTES: Final = 256 << 10
PICTURE_S: Final = 0.4
"""Pictures of a screen that come faster are left out: one a second is asked for."""
SCREENS: Final = 16
"""Most screens of one machine."""
MACHINES: Final = 32
"""Most machines of one wall."""
WATCHED: Final = 64
"""Most walls that one connection may watch."""
NAME: Final = 200
"""The longest name of a wall, machine or screen, in characters."""
JPEG: Final = b"\xff\xd8\xff"


class Presents(Protocol):
    """Who takes what presenters do; see `WallRooms.presents`."""

    def take(self, visit: Visit, message: Present) -> None: ...
    def left(self, visit: Visit) -> None: ...
    def tick(self, now_s: float) -> None: ...


class _Machine:
    """A connection that is a machine of a wall; `heard_s`: when it last said so, `pictured_s`: of each screen."""

    def __init__(self, entity: WallMachine, screens: frozenset[str], heard_s: float) -> None:
        self.entity, self.screens, self.heard_s = entity, screens, heard_s
        self.pictured_s: dict[str, float] = {}


class WallRooms:
    """See the module.

    Args:
        guard: asks what each session is shown; None: everybody sees everything, and who says "wall" is one.
        now_s: a clock that never goes back.

    Attributes:
        on_watch: told of each connection that begins to watch a wall.
        presents: takes what presenters do; None: nothing is done with it.
        refused: messages that were left out, by why.
    """

    def __init__(self, hub: Hub, guard: Guard | None = None, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._guard, self._now_s = hub, guard, now_s
        self.on_watch: Callable[[Visit, str], None] = lambda _visit, _wall: None
        self.presents: Presents | None = None
        self.refused: collections.Counter[str] = collections.Counter()
        self._watching: dict[str, dict[Visit, bool]] = {}
        """By wall who watches it, and whether with pictures."""
        self._machines: dict[Visit, _Machine] = {}
        self._wanted: set[str] = set()
        """Walls whose machines were told to send pictures."""

    # ------------------------------------------------------------------ messages

    def take(self, message: Message | Unknown, visit: Visit) -> bool:
        """One message about walls; False where it is none."""
        match message:
            case WallWatch():
                self.watch(visit, message)
            case WallSeen():
                self.seen(visit, message)
            case WallPicture():
                self.picture(visit, message)
            case Present():
                if self.presents is not None and self._fits(visit, message.wall):
                    self.presents.take(visit, message)
            case _:
                return False
        return True

    def watch(self, visit: Visit, message: WallWatch) -> None:
        """Somebody wants to be told of a wall, or no more; who may not see it is not."""
        wall = message.wall
        if not message.on:
            self._unwatch(visit, wall)
            return
        if not self._fits(visit, wall):
            return
        if not self.may_see(visit, wall):
            self._leave_out("a wall that may not be seen is not watched")
            return
        watchers = self._watching.setdefault(wall, {})
        if visit not in watchers and sum(visit in of for of in self._watching.values()) >= WATCHED:
            self._leave_out(f"more than {WATCHED} walls watched")
            return
        watchers[visit] = message.pictures
        self._review(wall)
        self.on_watch(visit, wall)

    def seen(self, visit: Visit, message: WallSeen) -> None:
        """A machine says how its screens stand."""
        names = [screen.name for screen in message.screens]
        long = max((len(name) for name in (message.machine, *names)), default=0) > NAME
        if not self._fits(visit, message.wall) or not self.is_machine(visit, message.wall):
            self._leave_out("a machine of another wall")
        elif len(names) > SCREENS or long:
            self._leave_out(f"more than {SCREENS} screens, or a name of more than {NAME} characters")
        else:
            self._stand(visit, message, names)

    def picture(self, visit: Visit, message: WallPicture) -> None:
        """A machine's screen looks so: to all who want pictures of that wall."""
        machine, now_s = self._machines.get(visit), self._now_s()
        theirs = machine is not None and message.wall == machine.entity.wall and self.is_machine(visit, message.wall)
        if machine is None or not theirs or message.screen not in machine.screens:
            self._leave_out("a picture of a screen that is not the sender's")
        elif len(message.jpeg) > PICTURE_BYTES or not message.jpeg.startswith(JPEG):
            self._leave_out(f"a picture of more than {PICTURE_BYTES} bytes, or no JPEG")
        elif now_s - machine.pictured_s.get(message.screen, -PICTURE_S) < PICTURE_S:
            self._leave_out("pictures too fast")
        else:
            machine.pictured_s[message.screen] = now_s
            t_ns = min(message.t_ns, self._hub.clock())  # a picture of the future would never grow old
            picture = msgspec.structs.replace(message, machine=machine.entity.machine, t_ns=t_ns)
            self._show(picture)

    def tell(self, wall: str, message: WallDown, but: Visit | None = None, *, newest: str = "") -> None:
        """Send to all who watch a wall and may see it now, encoded once.

        `newest`: names messages of which only the newest counts: a slow reader has one waiting at most.
        """
        readers = [v for v in self._watching.get(wall, ()) if v is not but and self.may_see(v, wall)]
        data = encode(message) if readers else b""
        for visit in readers:
            if newest:
                visit.outbox.offer(f"{wall}/{newest}", data)
            else:
                visit.outbox.send(data)

    # ------------------------------------------------------------------ who

    def may_see(self, visit: Visit, wall: str) -> bool:
        """Whether the connection is shown this wall now: the wall's own machines always are."""
        if self._guard is not None and visit.in_lobby:
            return False
        if visit.scope is None or self.is_machine(visit, wall):
            return True
        entity = self._hub.entities.get(Wall.CLS, {}).get(wall)
        return entity is not None and visit.scope.speaks_of(Wall.CLS) and visit.scope.sees(entity, self._hub.entities)

    def is_machine(self, visit: Visit, wall: str) -> bool:
        """Whether the connection may speak for a machine of this wall: it is logged in as that wall.

        While a node has no people, whoever says that they are a wall is any.
        """
        if self._guard is None:
            return visit.role == "wall"
        seat = visit.seat
        if seat is None or not seat.wall:
            return False
        return self._guard.gate.is_local or (self._guard.gate.rights.is_wall(seat.person) and seat.person == wall)

    def _fits(self, visit: Visit, wall: str) -> bool:
        if CAPABILITY in visit.session.can and 0 < len(wall) <= NAME:
            return True
        self._leave_out(f"without the capability, or a wall's name of more than {NAME} characters")
        return False

    def _leave_out(self, why: str) -> None:
        self.refused[why] += 1
        if self.refused[why] == 1:  # counted from here: a rude connection does not fill the log
            log.warning("a message about walls was left out: %s", why)

    # ------------------------------------------------------------------ machines

    def _stand(self, visit: Visit, message: WallSeen, names: list[str]) -> None:
        entity = WallMachine(
            id=f"{message.wall}/{message.machine}",
            wall=message.wall,
            machine=message.machine,
            number=message.number,
            shown_ns=min(message.shown_ns, self._hub.clock()),
            screens=tuple(names),
            missing=tuple(screen.name for screen in message.screens if screen.missing),
        )
        before = self._machines.get(visit)
        if before is not None and before.entity.id != entity.id:
            self._gone(visit)
            before = None
        if before is None and not self._room(entity):
            self._leave_out(f"more than {MACHINES} machines of one wall")
            return
        machine = _Machine(entity, frozenset(names), self._now_s())
        if before is not None:
            machine.pictured_s = {name: t_s for name, t_s in before.pictured_s.items() if name in machine.screens}
        self._machines[visit] = machine
        self._hub.put("walls", [entity])
        if before is None:
            visit.outbox.send(encode(WallWatched(wall=message.wall, pictures=message.wall in self._wanted)))

    def _room(self, entity: WallMachine) -> bool:
        """Whether the wall may have one more machine; one of the same name has come back, or is a copy: it is the one
        that counts from now on."""
        of_wall = {m.entity.id: visit for visit, m in self._machines.items() if m.entity.wall == entity.wall}
        if (old := of_wall.pop(entity.id, None)) is not None:
            del self._machines[old]
        return len(of_wall) < MACHINES

    def _gone(self, visit: Visit) -> None:
        machine = self._machines.pop(visit, None)
        if machine is not None:
            self._hub.drop(WallMachine, [machine.entity.id])

    # ------------------------------------------------------------------ pictures

    def _show(self, picture: WallPicture) -> None:
        wall = picture.wall
        readers = [visit for visit, on in self._watching.get(wall, {}).items() if on and self.may_see(visit, wall)]
        data = encode(picture) if readers else b""
        for visit in readers:
            visit.outbox.offer(f"{wall}/picture/{picture.screen}", data)

    def _review(self, wall: str) -> None:
        """Whether anybody looks at the wall's screens has changed: its machines are told."""
        watchers = self._watching.get(wall, {})
        wanted = any(on and self.may_see(visit, wall) for visit, on in watchers.items())
        if wanted is (wall in self._wanted):
            return
        (self._wanted.add if wanted else self._wanted.discard)(wall)
        data = encode(WallWatched(wall=wall, pictures=wanted))
        for visit, machine in self._machines.items():
            if machine.entity.wall == wall:
                visit.outbox.send(data)

    def _unwatch(self, visit: Visit, wall: str) -> None:
        watchers = self._watching.get(wall, {})
        if watchers.pop(visit, None) is not None and not watchers:
            del self._watching[wall]
        self._review(wall)

    # ------------------------------------------------------------------ time, and going

    def left(self, visit: Visit) -> None:
        """The connection is gone."""
        self._gone(visit)
        for wall in [wall for wall, watchers in self._watching.items() if visit in watchers]:
            self._unwatch(visit, wall)
        if self.presents is not None:
            self.presents.left(visit)

    def tick(self) -> None:
        """About a second passed: machines that fell silent or are none any more, watchers whose rights are others."""
        now_s = self._now_s()
        for visit, machine in list(self._machines.items()):
            if now_s - machine.heard_s > SILENT_S or not self.is_machine(visit, machine.entity.wall):
                self._gone(visit)
        for wall in {*self._watching, *self._wanted}:
            self._review(wall)
        if self.presents is not None:
            self.presents.tick(now_s)
