"""What the gateway asks of times other than now: a hub for each replay, and who has it open; knows no socket."""

from __future__ import annotations

from typing import Protocol

from console.api import Columns, Span
from console.node.hub import Hub
from console.node.outbox import Outbox
from console.wire.frames import Refusal, Replay, ReplayState


class Contexts(Protocol):
    """Replays and drills beside the live hub; every call is in the node's loop. A context is "replay:<id>"."""

    def hub(self, context: str) -> Hub | None:
        """The hub of a context that is open now, None for none; its clock is the context's."""
        ...

    async def replay(self, message: Replay, outbox: Outbox) -> ReplayState | Refusal:
        """Do what a connection asks of a replay; the gateway fills in `req` and `context` of the answer.

        After `open` the gateway sends the answer and then joins `outbox` to the context's hub; after an answer with
        `closed` it leaves it. States that others bring about go straight into `outbox`, encoded, without `req`.
        """
        ...

    async def query(self, context: str, span: Span) -> Columns:
        """History as it was known at the context's now: `span.end_ns` is not after it. Raises RefusedError."""
        ...

    def left(self, outbox: Outbox) -> None:
        """The connection is gone, with all that it had open."""
        ...
