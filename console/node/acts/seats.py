"""Seats end to end: who is on duty, the log, handovers with two signatures; the node itself counts what is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from console.api import (
    Alarm,
    AlarmState,
    Area,
    Entity,
    Incident,
    IncidentPhase,
    LogLine,
    Seat,
    Shift,
    Text,
    Value,
)
from console.api import HandoverRecord as Record
from console.node.access.actions import Action
from console.node.act import Act, Asked, RuleError
from console.node.acts.arguments import read
from console.node.acts.making import asked_in_both, check_area, check_id, checked, draft_of
from console.node.acts.published import Published
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import DraftAct, LogAct, ShiftStanding, SignAct, StartAct, shift_of
from console.node.journal.folds.shift import Handover
from console.rules.areas import subtree
from console.wire.frames import Intent

if TYPE_CHECKING:
    from console.node.journal.journal import Journal

CLS: Final = "shift"
"""Of the journal's entries; screens see `Seat`, and `Shift` of a seat that somebody has."""
NAMES: Final = tuple(f"shift.{name}" for name in ("start", "log", "draft", "sign_off", "take", "object"))
LINES: Final = 200
PAST: Final = 20
_ENDED: Final = (IncidentPhase.CLOSED, IncidentPhase.REVIEWED)


class StartForm(Value, frozen=True, kw_only=True):
    """`shift.start`; `officer` is the actor, `seat` how the seat is called, `name_zh` and `name_en` the shift."""

    officer: str = ""
    seat: str = ""
    area: str = ""
    name_zh: str = ""
    name_en: str = ""
    end_ns: int = 0
    reason: str = ""


class LogForm(Value, frozen=True, kw_only=True):
    """`shift.log`."""

    text: str = ""
    ref: str = ""


class DraftForm(Value, frozen=True, kw_only=True):
    """`shift.draft`."""

    coming: str = ""
    text: str = ""
    mentioned: tuple[str, ...] = ()


class SignForm(Value, frozen=True, kw_only=True):
    """`shift.sign_off`, `.take`, `.object`."""

    reason: str = ""
    name_zh: str = ""
    name_en: str = ""
    end_ns: int = 0


class Around(NamedTuple):
    """What the node knows besides the journal: what is open at the seat, and how a source tells of it."""

    areas: Mapping[str, Any]
    open: tuple[str, ...]
    source: Shift | None


class Seats:
    """Declares the acts and publishes; `tick` now and then: what is open at a seat changes without its doing."""

    def __init__(
        self, published: Published, intents: Intents, *, simulated: Callable[[], bool] = lambda: False
    ) -> None:
        self._published, self._hub, self._simulated = published, published.hub, simulated
        self._views: dict[str, View] = {}
        intents.when_open(self._opened)
        for name in NAMES:
            intents.declare(name, Act(CLS, self._look, decide, self._done, asks=self._asks, shown=shift_of))

    async def _opened(self, journal: Journal) -> None:
        for view in await journal.views(CLS):
            self.publish(view)

    def tick(self) -> None:
        """Count what is open anew, and name persons as they are called now."""
        for view in tuple(self._views.values()):
            self.publish(view)

    # ------------------------------------------------------------------ an act

    def _look(self, intent: Intent) -> Around:
        source = self._published.of_source(Shift, intent.entity)
        return Around(
            areas=self._hub.entities.get(Area.CLS, {}),
            open=self.open_at(self._area(intent.entity)),
            source=source if isinstance(source, Shift) else None,
        )

    def _asks(self, intent: Intent) -> tuple[Asked, ...]:
        asked = Asked(Action.HANDOVER, self._area(intent.entity), topic=CLS, entity=f"{Seat.CLS}:{intent.entity}")
        # a seat that nobody had yet is where its first officer says it is
        return asked_in_both(asked, intent, known=self._known(intent.entity))

    def _known(self, seat: str) -> bool:
        return seat in self._views or seat in self._hub.entities.get(Shift.CLS, {})

    def _area(self, seat: str) -> str:
        if (view := self._views.get(seat)) is not None:
            return str(view.state.area)
        shift = self._hub.entities.get(Shift.CLS, {}).get(seat)
        return shift.area if isinstance(shift, Shift) else ""

    def _done(self, _intent: Intent, view: View) -> None:
        self.publish(view)

    # ------------------------------------------------------------------ what screens see

    def publish(self, view: View) -> None:
        """A seat stands so now."""
        standing: ShiftStanding = view.state
        if not standing.since_ns and not standing.log:
            return
        self._views[view.id] = view
        seat = seat_of(standing, self.open_at(standing.area), simulated=self._simulated())
        shown: list[Entity] = [seat]
        if standing.officer:
            shift = shift_of(standing)
            named = msgspec.structs.replace(
                shift, officer=self._published.name(standing.officer), seat=seat.name, simulated=self._simulated()
            )
            shown.append(named)
        self._published.put(*shown, heads=view.heads)

    def open_at(self, area: str) -> tuple[str, ...]:
        """Refs of what a handover at a seat of this area has to speak of: open incidents, shelved alarms."""
        areas = subtree(area, self._hub.entities.get(Area.CLS, {}).values()) if area else None
        incidents = sorted(
            incident.id
            for incident in self._hub.entities.get(Incident.CLS, {}).values()
            if isinstance(incident, Incident) and _is_open(incident) and (areas is None or incident.area in areas)
        )
        return (*(f"incident:{id_}" for id_ in incidents), *(f"alarm:{id_}" for id_ in self._shelved(areas)))

    def _shelved(self, areas: frozenset[str] | None) -> list[str]:
        sensors = self._hub.entities.get("sensor", {})
        return sorted(
            alarm.id
            for alarm in self._hub.entities.get(Alarm.CLS, {}).values()
            if isinstance(alarm, Alarm)
            and alarm.state is AlarmState.SHELVED
            and (areas is None or getattr(sensors.get(alarm.sensor), "area", "") in areas)
        )


def _is_open(incident: Incident) -> bool:
    return not incident.closed_ns and incident.phase not in _ENDED


def decide(intent: Intent, around: Around, view: View) -> list[Draft]:
    """The entry of an act at a seat. Raises RefusedError naming the rule."""
    match intent.name:
        case "shift.start":
            act: Any = _start(intent, around, view)
        case "shift.log":
            log = read(intent, LogForm)
            act = LogAct(text=log.text, ref=log.ref)
        case "shift.draft":
            form = read(intent, DraftForm)
            act = DraftAct(coming=form.coming, text=form.text, mentioned=form.mentioned)
        case _:
            sign = read(intent, SignForm)
            counted = around.open if intent.name == "shift.sign_off" else ()
            act = SignAct(reason=sign.reason, open=counted, name=_name(sign.name_zh, sign.name_en), end_ns=sign.end_ns)
    if around.source is not None and intent.name != "shift.start":
        raise RuleError(
            "值班规则：此席位由其数据源管理；请先上岗",
            "shift rule: its source keeps this seat; start a shift to take it on",
        )
    return checked([draft_of(intent, view, intent.name, act)], view)


def _start(intent: Intent, around: Around, view: View) -> StartAct:
    check_id(intent)
    form, source = read(intent, StartForm), around.source
    check_area(form.area, around.areas)
    seat = Text(form.seat) if form.seat else source.seat if source is not None else None
    if seat is None and not view.state.seat.zh:
        seat = Text(intent.entity)
    return StartAct(
        officer=form.officer or intent.actor,
        seat=seat,
        area=form.area or (source.area if source is not None else None),
        name=_name(form.name_zh, form.name_en) or (source.name if source is not None else None),
        end_ns=form.end_ns or (source.end_ns if source is not None else 0),
        reason=form.reason,
    )


def _name(zh: str, en: str) -> Text | None:
    return Text(zh or en, en) if zh or en else None


def seat_of(standing: ShiftStanding, open_: tuple[str, ...], *, simulated: bool = False) -> Seat:
    """The entity as screens know it."""
    return Seat(
        id=standing.id,
        simulated=simulated,
        name=standing.seat,
        area=standing.area,
        officer=standing.officer,
        shift=standing.name,
        since_ns=standing.since_ns,
        end_ns=standing.end_ns,
        log=tuple(LogLine(by=line.by, t_ns=line.t_ns, text=line.text, ref=line.ref) for line in standing.log[-LINES:]),
        handover=_record(standing.handover) if standing.handover is not None else None,
        past=tuple(_record(handover) for handover in standing.past[-PAST:]),
        open=open_,
    )


def _record(handover: Handover) -> Record:
    names = [field.name for field in msgspec.structs.fields(Record)]
    return Record(**{name: getattr(handover, name) for name in names})
