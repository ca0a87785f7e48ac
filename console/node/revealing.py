"""Personal data for who asks and may: judged, written down, and only then told; knows no connection and no feed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from console.api import LIVE, Incident, Text, YilanError
from console.node.access.actions import Action
from console.node.access.audit import Audited
from console.node.access.gate import Gate
from console.node.access.sessions import Session
from console.node.access.verdict import RULES, why, words
from console.node.acts.incident_record import personal_of
from console.node.guard import place_of
from console.node.hub import Hub
from console.node.intents import Intents
from console.wire.access import Reveal, Revealed

if TYPE_CHECKING:
    from console.node.journal.ledger import Ledger

CLS: Final = Incident.CLS
WITHIN_S: Final = 8.0
"""Less than a console waits for an answer."""
REPLAYED: Final = Text(
    "规则：个人信息只在实时中查看，回放中不提供",
    "rule: personal data are shown in the live context only, never in a replay",
)
UNKNOWN: Final = Text("没有此事件的档案", "there is no record of such an incident")
UNWRITTEN: Final = Text("审计未能写入，不予显示", "the audit could not be written: not shown")


class Revealing:
    """Args:
    kept: waits until what the gate wrote down is in the journal.
    """

    def __init__(self, gate: Gate, hub: Hub, intents: Intents, kept: Callable[[], Awaitable[None]]) -> None:
        self._gate, self._hub, self._intents, self._kept = gate, hub, intents, kept

    async def answer(self, asked: Reveal, session: Session) -> Revealed:
        """What there is, or why it is not told; whoever asked is in the journal by then, refused or not."""
        refusal = self._judged(asked, session)
        try:
            async with asyncio.timeout(WITHIN_S):
                await self._kept()
                values = {} if refusal is not None else await self._values(asked.ref.partition(":")[2])
        except TimeoutError:
            return Revealed(req=asked.req, reason=refusal or UNWRITTEN)
        except YilanError as error:
            return Revealed(req=asked.req, reason=refusal or why(error))
        if refusal is None and not self._sees(asked.ref, session):  # locked, logged out or moved meanwhile
            values, refusal = {}, RULES["session_ended"]
        return Revealed(req=asked.req, values=values, reason=refusal or Text(""))

    def _judged(self, asked: Reveal, session: Session) -> Text | None:
        """Why it is not told, None where it may be."""
        if asked.context != LIVE:
            action = Action.VIEW_PERSONAL.value
            self._gate.recorder.write(
                Audited.VIEW_PERSONAL, session, ok=False, action=action, entity=asked.ref, rule="live_only"
            )
            return REPLAYED
        known = self._known(asked.ref)
        area, board = place_of(known, self._hub.entities) if known is not None else ("", None)
        of = asked.ref if known is not None else ""  # whatever is asked for that is not there makes one line
        verdict = self._gate.may(session, Action.VIEW_PERSONAL, area, board, CLS, of)
        if not verdict.may:
            return words(verdict)
        return None if self._sees(asked.ref, session) else UNKNOWN

    def _known(self, ref: str) -> Incident | None:
        cls, _, id_ = ref.partition(":")
        known = self._hub.entities.get(CLS, {}).get(id_) if cls == CLS else None
        return known if isinstance(known, Incident) else None

    def _sees(self, ref: str, session: Session) -> bool:
        known = self._known(ref)
        return known is not None and self._gate.sees(session, *place_of(known, self._hub.entities), CLS)

    async def _values(self, id_: str) -> dict[str, str]:
        def stands(ledger: Ledger) -> dict[str, str]:
            return personal_of(ledger.projections.view(CLS, id_).state.facts)

        return await self._intents.write(stands)
