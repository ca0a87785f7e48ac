"""Acknowledgements between alarms and the journal: one is saved before it counts, and counts again after a restart.

Knows no socket and no file. The journal hears of an alarm when it is acknowledged, and from then on of all that becomes
of that alarm: so it tells whether what holds after a restart is what was acknowledged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from console.api import Alarm, AlarmState
from console.model.errors import JournalError
from console.node.access.actions import Action
from console.node.act import Act, Asked, RuleError
from console.node.alarms import Alarms
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import AlarmStanding, ClearedAct, RaisedAct
from console.tasks import Tasks
from console.wire.frames import Intent

if TYPE_CHECKING:
    from console.node.journal.journal import Journal
    from console.node.journal.ledger import Ledger

ACKNOWLEDGE: Final = "alarm.acknowledge"
AGAIN_S: Final = 5.0
"""So long after a failure what the journal has not heard is told again."""
_HOLDS: Final = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
_OPEN: Final = (*_HOLDS, AlarmState.RETURNED)


class Facts(NamedTuple):
    """An alarm as it stands in memory; `continued`: it has held ever since this node started."""

    alarm: Alarm | None
    continued: bool


class Acknowledging:
    """Declares the act, restores what the journal says, and keeps the journal up with what it has heard of."""

    def __init__(
        self,
        alarms: Alarms,
        intents: Intents,
        tasks: Tasks,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._alarms, self._intents, self._tasks, self._sleep = alarms, intents, tasks, sleep
        self._said: dict[str, Alarm] = {}
        """Alarms that are open in the journal, as it says."""
        self._behind: dict[str, Alarm] = {}
        """Alarms that the journal does not know to stand so."""
        self._telling = False
        alarms.on_change = self._changed
        intents.when_open(self._opened)
        intents.declare(ACKNOWLEDGE, Act(Alarm.CLS, self._look, decide, self._done, asks=self._asks))

    async def _opened(self, journal: Journal) -> None:
        views = await journal.views(Alarm.CLS)
        for view in views:
            self._heard(view)
        self._alarms.restore(list(self._said.values()))

    def _look(self, intent: Intent) -> Facts:
        alarm = self._alarms.get(intent.entity)
        return Facts(alarm, alarm is not None and self._alarms.continued(alarm))

    def _asks(self, intent: Intent) -> tuple[Asked, ...]:
        area, board = self._alarms.where(intent.entity)
        return (Asked(Action.ACKNOWLEDGE, area, board, Alarm.CLS, f"{Alarm.CLS}:{intent.entity}"),)

    def _done(self, _intent: Intent, view: View) -> None:
        self._heard(view)
        self._alarms.acknowledged(view.state.alarm)
        # what became of the alarm while the act was being saved
        if (alarm := self._alarms.get(view.id)) is not None:
            self._changed(alarm)

    def _heard(self, view: View) -> None:
        standing = view.state
        if isinstance(standing, AlarmStanding) and standing.alarm.state in _OPEN:
            self._said[view.id] = standing.alarm
        else:
            self._said.pop(view.id, None)

    def _changed(self, alarm: Alarm) -> None:
        said = self._said.get(alarm.id)
        if said is None or not drafts_between(said, alarm):
            return
        self._behind[alarm.id] = alarm
        if not self._telling:
            self._telling = True
            self._tasks.start("journal.alarms", self._tell(), owner=self)

    async def _tell(self) -> None:
        try:
            while self._behind:
                id_, alarm = next(iter(self._behind.items()))
                try:
                    view = await self._intents.write(partial(_follow, alarm))
                except JournalError:
                    await self._sleep(AGAIN_S)  # the journal itself has raised the notice
                    continue
                self._heard(view)
                if self._behind.get(id_) is alarm:
                    del self._behind[id_]
        finally:
            self._telling = False


def _follow(alarm: Alarm, ledger: Ledger) -> View:
    """In the writer's thread: bring the journal up to how an alarm stands."""
    view = ledger.projections.view(Alarm.CLS, alarm.id)
    if drafts := drafts_between(view.state.alarm, alarm):
        ledger.append(drafts)
        view = ledger.projections.view(Alarm.CLS, alarm.id)
    return view


def decide(intent: Intent, facts: Facts, view: View) -> list[Draft]:
    """The entries of an acknowledgement: what the journal has not heard of the alarm, then the act. Raises RuleError.

    It counts for the raising that the actor saw, named by the argument `raised_ns` (0 or none: the present one).
    """
    alarm, said = facts.alarm, view.state.alarm
    if alarm is None:
        raise RuleError(f"此处没有报警 {intent.entity}", f"no alarm {intent.entity!r} is known here")
    seen_ns = intent.arguments.get("raised_ns", 0)
    if not isinstance(seen_ns, int):
        raise RuleError("raised_ns 应为整数（UTC 纳秒）", "raised_ns must be a whole number, UTC ns")
    if seen_ns and seen_ns != alarm.raised_ns and not (facts.continued and seen_ns < alarm.raised_ns):
        raise RuleError(
            "ISA-18.2：此后该报警又重新发生，请查看后再确认",
            "ISA-18.2: the alarm has been raised anew since it was looked at; look again",
        )
    drafts = drafts_between(said, alarm)
    same = said.raised_ns == alarm.raised_ns
    first = said if same and said.acknowledged_ns and not drafts else alarm
    if first.acknowledged_ns and first.state not in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED):
        raise _already(first)
    if alarm.state not in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED):
        state = alarm.state.value
        raise RuleError(
            f"ISA-18.2：状态 {state} 的报警不能确认", f"ISA-18.2: an alarm in state {state} cannot be acknowledged"
        )
    act = Draft(
        kind=ACKNOWLEDGE,
        cls=Alarm.CLS,
        entity=alarm.id,
        actor=intent.actor,
        place=intent.place,
        intent=intent.id,
    )
    return [*drafts, act]


def _already(alarm: Alarm) -> RuleError:
    who = alarm.acknowledged_by
    return RuleError(
        f"ISA-18.2：该报警已由 {who or '他人'} 确认",
        f"ISA-18.2: {who or 'somebody'} has acknowledged this alarm already",
    )


def drafts_between(said: Alarm, alarm: Alarm) -> list[Draft]:
    """What leads from how the journal says an alarm stands to how it does; acknowledging is no part of it."""
    same, drafts = said.raised_ns == alarm.raised_ns, list[Draft]()
    if said.state in _HOLDS and (not same or alarm.ended_ns):
        drafts.append(_draft("alarm.cleared", alarm, ClearedAct(t_ns=alarm.ended_ns if same else alarm.raised_ns)))
    elif same and _worsened(said, alarm):
        drafts.append(_draft("alarm.worsened", alarm, _raised(alarm, alarm.changed_ns)))
    if not same and alarm.state in _OPEN:
        drafts.append(_draft("alarm.raised", alarm, _raised(alarm, alarm.raised_ns)))
        if alarm.ended_ns:
            drafts.append(_draft("alarm.cleared", alarm, ClearedAct(t_ns=alarm.ended_ns)))
    return drafts


def _worsened(said: Alarm, alarm: Alarm) -> bool:
    acknowledged, waits = said.state is AlarmState.ACKNOWLEDGED, alarm.state is AlarmState.UNACKNOWLEDGED
    return acknowledged and waits and alarm.priority < said.priority


def _raised(alarm: Alarm, t_ns: int) -> RaisedAct:
    return RaisedAct(sensor=alarm.sensor, priority=alarm.priority, t_ns=t_ns, limit=alarm.limit, value=alarm.value)


def _draft(kind: str, alarm: Alarm, act: ClearedAct | RaisedAct) -> Draft:
    return Draft(kind=kind, cls=Alarm.CLS, entity=alarm.id, act=act)
