"""Incidents end to end: what persons do to them, saved, and how they stand, published; knows no socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from console.api import NS, Alarm, Area, Incident, IncidentPhase, IncidentRecord, Sensor
from console.node.access.actions import Action
from console.node.access.steady import machine_mark
from console.node.act import Act, Asked
from console.node.acts.incident_forms import NAMES, Around, ReportForm, decide, first_phase
from console.node.acts.incident_record import due_of, record_of
from console.node.acts.lapsed_rules import Barred, anybody
from console.node.acts.making import area_of, board_of
from console.node.acts.numbers import Numbers
from console.node.acts.published import Fading, Published
from console.node.acts.scene_rules import scenes_by_rule, watched
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import IncidentStanding, incident_of, report_clocks
from console.rules.elapsed import Boot, Mark
from console.rules.report_clock import DEFAULT_LIMITS, ReportClock, ReportLimits
from console.wire.frames import Intent

if TYPE_CHECKING:
    from console.node.journal.journal import Journal

CLS: Final = Incident.CLS
_ACTIONS: Final = {
    "report": Action.INCIDENT_REPORT,
    "tell": Action.INCIDENT_REPORT,
    "verify": Action.INCIDENT_VERIFY,
    "grade": Action.INCIDENT_GRADE,
    "colour": Action.INCIDENT_GRADE,
    "level": Action.INCIDENT_RESPOND,
    "respond": Action.INCIDENT_RESPOND,
    "control": Action.INCIDENT_CONTROL,
    "worsen": Action.INCIDENT_CONTROL,
    "close": Action.INCIDENT_CLOSE,
    "dismiss": Action.INCIDENT_CLOSE,
    "review": Action.INCIDENT_REVIEW,
    "reopen": Action.INCIDENT_REOPEN,
    "send": Action.INCIDENT_SEND_REPORT,
}
_SET_NS: Final = NS
"""Differing by more, the wall clock was set."""
_ENDED: Final = (IncidentPhase.CLOSED, IncidentPhase.REVIEWED)
_FURTHER: Final = {
    IncidentPhase.VERIFIED: (Action.INCIDENT_VERIFY,),
    IncidentPhase.GRADED: (Action.INCIDENT_VERIFY, Action.INCIDENT_GRADE),
}


class Incidents:
    """Declares the acts, publishes after each and, once the journal is open, all there were.

    Args:
        simulated: what is reported here is of a simulated city.
        has_file: whether the node has a file, by its hash.
        read: both clocks now.
        boots: this machine's boots, oldest first.
        belongs: told of an alarm that an open incident came of, and "" when it is over.
        limits: of reports, by grade.
        barred: from setting scene rules, by which a grade puts scenes on walls.
    """

    def __init__(
        self,
        published: Published,
        intents: Intents,
        *,
        simulated: Callable[[], bool] = lambda: False,
        has_file: Callable[[str], bool] = lambda _sha256: False,
        read: Callable[[], Mark] = machine_mark,
        boots: Callable[[], Sequence[Boot]] = tuple,
        belongs: Callable[[str, str], None] = lambda _alarm, _incident: None,
        limits: Mapping[int, ReportLimits] = DEFAULT_LIMITS,
        barred: Barred = anybody,
    ) -> None:
        self._published, self._hub = published, published.hub
        self._simulated, self._has_file, self._read, self._boots = simulated, has_file, read, boots
        self._belongs, self._limits, self._barred = belongs, limits, barred
        self._numbers = Numbers()
        self._owing: dict[str, View] = {}
        self._closed = Fading()
        intents.when_open(self._opened)
        for name in NAMES:
            decided = partial(decide, numbers=self._numbers)
            intents.declare(name, Act(CLS, self._look, decided, self._done, self._asks, incident_of, _also))

    @property
    def owing(self) -> Mapping[str, View]:
        """How those stand of which a report is owed, by id: time alone makes no other report due."""
        return self._owing

    async def _opened(self, journal: Journal) -> None:
        views = await journal.views(CLS)
        self._numbers.learn(view.state.number for view in views)
        for view in sorted(views, key=lambda view: view.state.closed_ns):
            self.publish(view)

    # ------------------------------------------------------------------ an act

    def _look(self, intent: Intent) -> Around:
        source = self._published.of_source(Incident, intent.entity)
        return Around(
            now=self._read(),
            areas=self._hub.entities.get(Area.CLS, {}),
            has_file=self._has_file,
            simulated=self._simulated(),
            source=source if isinstance(source, Incident) else None,
            begun=self._of_alarm(intent.arguments.get("alarm")),
            name=self._published.name,
            walls=watched(self._hub.entities, self._barred),
        )

    def _of_alarm(self, alarm_id: object) -> ReportForm | None:
        alarm = self._hub.entities.get(Alarm.CLS, {}).get(str(alarm_id)) if alarm_id else None
        if not isinstance(alarm, Alarm):
            return None
        sensor = self._hub.entities.get(Sensor.CLS, {}).get(alarm.sensor)
        if not isinstance(sensor, Sensor):
            return ReportForm(sensors=(alarm.sensor,))
        return ReportForm(
            place=sensor.site.zh, area=sensor.area, lon=sensor.lon, lat=sensor.lat, board=sensor.board,
            sensors=(sensor.id,),
        )  # fmt: skip

    def _asks(self, intent: Intent) -> tuple[Asked, ...]:
        action = _ACTIONS[intent.name.removeprefix("incident.")]
        known = self._hub.entities.get(CLS, {}).get(intent.entity)
        area, board = (known.area, known.board) if isinstance(known, Incident) else ("", None)
        told = area_of(intent)
        begun = self._of_alarm(intent.arguments.get("alarm"))
        if intent.name == "incident.report" and not isinstance(known, Incident):
            area = told or ((begun.area or "") if begun is not None else "")
            board = board_of(intent) or (begun.board if begun is not None else None)
        asked = [Asked(action, area, board, CLS, f"{CLS}:{intent.entity}")]
        if told and told != area:
            asked.append(asked[0]._replace(area=told))
        if begun is not None and (begun.area or "", begun.board) != (area, board):
            # place and sensors of the alarm go into the incident, and the alarm is held by it: not of another's alarm
            asked.append(asked[0]._replace(area=begun.area or "", board=begun.board))
        if intent.name == "incident.report":
            further = _FURTHER.get(first_phase(intent), ())
            asked += [each._replace(action=more) for each in tuple(asked) for more in further]
        return tuple(asked)

    def _done(self, _intent: Intent, view: View) -> None:
        self.publish(view)

    def tick(self, now: Mark) -> None:
        """Where the wall clock was set, limits stand at another time of it."""
        for view in tuple(self._owing.values()):
            record = self._hub.entities[IncidentRecord.CLS][view.id]
            dues = [due_of(clock, now).due_ns for clock in self.clocks(view, now)]
            told = [due.due_ns for due in record.owed] if isinstance(record, IncidentRecord) else []
            if any(abs(due_ns - was_ns) > _SET_NS for due_ns, was_ns in zip(dues, told, strict=False)):
                self.publish(view)

    # ------------------------------------------------------------------ what screens see

    def publish(self, view: View) -> None:
        """An incident stands so now."""
        standing: IncidentStanding = view.state
        if not standing.moments:
            return
        now, boots = self._read(), self._boots()
        self._owing.pop(view.id, None)
        if clocks := self.clocks(view, now):
            self._owing[view.id] = view
        shown = incident_of(
            standing,
            boots=boots,
            now=now,
            limits=self._limits,
            conflict=view.conflict,
            contested=len(view.contested),
        )
        self._published.put(shown, record_of(view, clocks, now), heads=view.heads)
        if standing.alarm:
            self._belongs(standing.alarm, "" if standing.phase in _ENDED else view.id)
        gone = self._closed.put(view.id, faded=standing.phase in _ENDED)
        if gone:
            self._owing.pop(gone, None)
            self._published.drop(Incident, gone)
            self._published.drop(IncidentRecord, gone)

    def clocks(self, view: View, now: Mark) -> tuple[ReportClock, ...]:
        """The report limits of an incident that run at `now`; once it is reviewed nothing is owed any more."""
        if view.state.phase is IncidentPhase.REVIEWED:
            return ()
        return report_clocks(view.state, self._boots(), now, self._limits)


def _also(
    intent: Intent, around: Around, view: View, drafts: list[Draft], look: Callable[[str, str], View]
) -> list[Draft]:
    return scenes_by_rule(intent, around.walls, view, drafts, look)
