"""Who is logged in on each connection: greeting, entering, locking, changes of rights, the end; opens no socket.

What somebody is shown follows their rights within a second: entities are told anew, subscriptions fed anew or rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec
from websockets.asyncio.connection import broadcast
from websockets.asyncio.server import ServerConnection

from console.api import LIVE, BadInput
from console.node.access.sessions import Session
from console.node.access.tls import peer_of
from console.node.guard import Guard
from console.node.hub import Hub, Scope
from console.node.people import People
from console.node.reception import STRANGER_BYTES, STRANGER_S, Reception, Talk, ended, login_of
from console.node.visit import Visit
from console.tasks import Tasks
from console.wire.access import (
    AccessFrame,
    Acted,
    BreakGlass,
    ChangePassword,
    FirstAdministrator,
    Lock,
    Login,
    Logout,
    MendGlass,
    SecondFactor,
    Unlock,
)
from console.wire.codec import encode
from console.wire.frames import MAX_UP_BYTES, Hello, Message, Subscribe, Unknown
from console.wire.session.acts import POLICY, Close

log = logging.getLogger(__name__)
FAREWELL_S: Final = 0.8
"""So long the console of a session that has ended may take to close; then it is cut off."""


class Attendance:
    """See the module.

    Args:
        hub: of the present.
        secret: of the embedded node's own console.
        visits: all connections, as the gateway keeps them.
        join: tells a connection everything there is, by its scope.
        feed: answers a subscription.
    """

    def __init__(
        self,
        guard: Guard,
        hub: Hub,
        tasks: Tasks,
        secret: str,
        visits: dict[Visit, ServerConnection],
        *,
        join: Callable[[Visit], None],
        feed: Callable[[Subscribe, Visit], None],
    ) -> None:
        self._guard, self._hub, self._tasks, self._visits = guard, hub, tasks, visits
        self._join, self._feed = join, feed
        people = People(guard.gate, guard.office, hub)
        self.reception = Reception(
            guard,
            people,
            secret,
            others=lambda: list(visits),
            enter=self._admitted,
            review=self._review,
            changed=self.changed,
        )
        self._generation = 0
        """Rises with every change of rights."""
        self._reviewing = False

    # ------------------------------------------------------------------ coming

    def meet(self, visit: Visit, connection: ServerConnection) -> None:
        """A connection is open: whom TLS has shown. Until somebody is in it says little."""
        secured = connection.transport.get_extra_info("ssl_object")
        try:
            visit.peer = peer_of(secured) if secured is not None else None
        except BadInput as error:
            log.warning("a certificate from %s says not who it is for: %s", visit.origin, error)
        connection.protocol.max_message_size = STRANGER_BYTES
        visit.widen = partial(_widen, connection)

    def greet(self, visit: Visit) -> None:
        """What welcome says to who came by their hello."""
        seat, welcome = visit.seat, visit.session.welcome
        if visit.in_lobby or seat is None:
            visit.session.welcome = msgspec.structs.replace(welcome, lobby=True, run="", token=visit.token)
            return
        if visit.token:
            self._one_link(visit, seat)
        visit.scope, visit.locked = self._guard.scope(seat), self._guard.locked(seat)
        run = self._hub.run_of(visit.scope)
        told = msgspec.structs.replace(welcome, run=run, token=visit.token, session=seat.number)
        visit.session.welcome = told

    def _one_link(self, visit: Visit, seat: Session) -> None:
        """A session has one connection: an older one is half dead, or a copy of the token."""
        for other, connection in list(self._visits.items()):
            if other is not visit and other.seat is not None and other.seat.number == seat.number:
                other.seat = None
                connection.transport.abort()

    def arrived(self, hello: Hello, visit: Visit) -> bool:
        """Welcome is said; whether somebody is in, who is to be told everything now."""
        self._say_access(visit)
        if hello.credential.kind == "password":
            self._talk(login_of(hello.credential), visit)
        if visit.in_lobby:
            return False
        visit.widen()
        return True

    def _say_access(self, visit: Visit, *, run: str = "", token: str = "") -> None:
        access = self.reception.access(visit)
        if access != visit.told or run or token:
            visit.outbox.send(encode(AccessFrame(access=access, run=run, token=token)))
        visit.told, visit.generation = access, self._generation

    # ------------------------------------------------------------------ messages

    def take(self, message: Message | Unknown, visit: Visit) -> bool:
        """One message about who is there; False where it is none."""
        match message:
            case Lock() | Acted() | Logout() | MendGlass():
                self.reception.said(message, visit)
            case Login() | FirstAdministrator() | Unlock() | ChangePassword() | SecondFactor() | BreakGlass():
                self._talk(message, visit)
            case _:
                return False
        return True

    def _talk(self, message: Talk, visit: Visit) -> None:
        task = self._tasks.start("gateway.talk", self.reception.talk(message, visit), owner=self)
        task.add_done_callback(lambda _: self._orphan(visit))

    def _orphan(self, visit: Visit) -> None:
        """The session that was there ended while another was to begin, and none did."""
        if visit.orphaned and visit.seat is None:
            self._farewell(visit, visit.orphaned)

    def _admitted(self, visit: Visit) -> None:
        """Somebody has logged in, or may go on now."""
        seat = visit.seat
        if seat is None:
            return
        if visit.in_lobby:
            self._say_access(visit, token=visit.token)
            return
        scope, locked = self._guard.scope(seat), self._guard.locked(seat)
        self._say_access(visit, run=self._hub.run_of(scope), token=visit.token)
        visit.session.admitted()
        visit.widen()
        if LIVE in visit.hubs:
            self._move(visit, scope, locked=locked)
        else:
            visit.scope, visit.locked = scope, locked
            self._join(visit)

    # ------------------------------------------------------------------ changes

    def changed(self) -> None:
        """Rights have changed: what flows is asked again, in the next turn of the loop."""
        self._generation += 1
        if not self._reviewing and self._visits:
            self._reviewing = True
            asyncio.get_running_loop().call_soon(self._review_all)

    def tick(self, now_s: float) -> None:
        """Time passed, about a second: locks, ends, and strangers who never log in."""
        self._guard.tick()
        for visit in list(self._visits):
            stranger = visit.in_lobby and not visit.trusted and visit.told is not None
            if stranger and visit.closing is None and now_s - visit.began_s > STRANGER_S:
                self._farewell(visit, "login")
        self._review_all()

    def _review_all(self) -> None:
        self._reviewing = False
        for visit in list(self._visits):
            self._review(visit)

    def _review(self, visit: Visit) -> None:
        """Ask again what somebody may and is shown, where it may have changed."""
        seat = visit.seat
        if visit.told is None or visit.closing is not None:
            return
        locked = seat is not None and self._guard.locked(seat)  # may be what ends it
        if visit.seat is not seat or (visit.generation == self._generation and locked is visit.locked):
            return
        if seat is None or visit.in_lobby:
            self._say_access(visit)
            return
        scope = self._guard.scope(seat)
        moved = scope is not visit.scope
        self._say_access(visit, run=self._hub.run_of(scope) if moved else "")
        visit.locked = locked
        if moved:
            self._move(visit, scope, locked=locked)

    def _move(self, visit: Visit, scope: Scope | None, *, locked: bool) -> None:
        """Other things are shown from now on."""
        visit.scope, visit.locked = scope, locked
        for sub, reading in visit.reads.items():
            visit.resting[sub] = reading.message
            reading.hub.unsubscribe(visit.outbox, reading.feed)
        visit.reads.clear()
        for context, hub in visit.hubs.items():
            if locked and context != LIVE:
                hub.leave(visit.outbox)
            else:
                hub.join(visit.outbox, scope=scope, anew=context != LIVE)
        visit.outbox.greeted()
        if not locked:
            resting, visit.resting = visit.resting, {}
            for message in resting.values():
                self._feed(message, visit)

    # ------------------------------------------------------------------ going

    def session_ended(self, session: Session, why: str) -> None:
        """Its connection ends within a second, whatever waits in it."""
        for visit in list(self._visits):
            if visit.seat is not None and visit.seat.number == session.number:
                visit.seat = None
                if visit.founding:  # who sits there is about to be the first administrator
                    visit.orphaned = why
                else:
                    self._farewell(visit, why)

    def _farewell(self, visit: Visit, why: str) -> None:
        connection = self._visits.get(visit)
        if connection is None or visit.closing is not None:
            return
        visit.seat, visit.closing = None, Close(POLICY, "session")
        for hub in visit.hubs.values():
            hub.leave(visit.outbox)
        visit.outbox.close()
        reason, refusal = ended(why)
        last = (encode(AccessFrame(access=self.reception.access(visit, reason))), encode(refusal))
        self._tasks.start("gateway.farewell", _ended(connection, last), owner=self)

    def close(self) -> None:
        """The node ends."""
        self._tasks.cancel(self)


def _widen(connection: ServerConnection) -> None:
    """Somebody is logged in: selectors of thousands of ids are theirs to send."""
    connection.protocol.max_message_size = MAX_UP_BYTES


async def _ended(connection: ServerConnection, last: tuple[bytes, ...]) -> None:
    """The last words, and the end."""
    for data in last:
        broadcast((connection,), data)
    try:
        async with asyncio.timeout(FAREWELL_S):
            await connection.close(POLICY, "session")
    except TimeoutError:
        connection.transport.abort()
