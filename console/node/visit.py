"""One connection as the gateway keeps it: session, way out, who is there, what it is fed; does nothing itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from console.api import Access
from console.node.access.certs import Peer
from console.node.access.sessions import Session
from console.node.feeds import Feed
from console.node.hub import Hub, Scope
from console.node.outbox import Outbox
from console.wire.frames import Subscribe
from console.wire.session.acts import Close
from console.wire.session.node import NodeSession

QUERIES = 4
"""So many history questions of a connection are asked of the store at a time: who asks a thousand waits for itself."""

FILES = 2
"""So many files are read for a connection at a time: each is in memory until it is told."""


class Reading(NamedTuple):
    """One subscription: what was asked, and what brings it of which hub."""

    message: Subscribe
    hub: Hub
    feed: Feed


class Visit:
    """See the module.

    Attributes:
        origin: address of the other end; `peer`: whom its certificate names.
        seat: the session of who is logged in, None nobody; `token` goes on with it.
        trusted: it has shown a secret, a token or a certificate, not just asked to log in.
        change_next: the person has to change the password before anything else.
        scope: what is shown, None all; `locked`: and no samples.
        told: who is logged in, as the console was told last, in `generation` of the rights.
        talking: a log-in or the like is under way; `founding`: of the first administrator; `orphaned`: why the session
            ended meanwhile.
        widen: from now on long messages may come.
    """

    def __init__(self, session: NodeSession, outbox: Outbox) -> None:
        self.session, self.outbox = session, outbox
        self.reads: dict[int, Reading] = {}
        self.resting: dict[int, Subscribe] = {}
        """Subscriptions of a locked screen."""
        self.hubs: dict[str, Hub] = {}
        """Joined hubs by context."""
        self.closing: Close | None = None
        self.replaying, self.filling = asyncio.Lock(), asyncio.Lock()
        """Replays are told what to do in the order asked; one back-fill streams at a time."""
        self.asking = asyncio.Semaphore(QUERIES)
        self.fetching = asyncio.Semaphore(FILES)
        self.acts = self.parts = 0
        """Acts that are under way; parts of files that came up and are not on disk yet."""
        self.origin = self.place = self.token = self.orphaned = ""
        self.role = "desk"
        self.peer: Peer | None = None
        self.seat: Session | None = None
        self.trusted = self.change_next = self.locked = self.talking = self.founding = False
        self.scope: Scope | None = None
        self.told: Access | None = None
        self.generation = -1
        self.began_s = time.monotonic()
        self.early_bytes = 0
        self.widen: Callable[[], None] = lambda: None

    def acted(self, _task: object) -> None:
        """An act has its answer."""
        self.acts -= 1

    @property
    def in_lobby(self) -> bool:
        """Whether nobody is logged in who may go on."""
        return self.seat is None or self.change_next
