"""Hazards end to end: what persons do to them, saved, and how they stand, published; knows no socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from console.api import Area, Board, Hazard, HazardPhase, LogLine, Text, Value
from console.node.access.actions import Action
from console.node.act import Act, Asked, RuleError
from console.node.acts.arguments import read
from console.node.acts.making import (
    area_of,
    board_of,
    check_area,
    check_files,
    check_id,
    check_seen,
    checked,
    draft_of,
)
from console.node.acts.published import Fading, Published
from console.node.intents import Intents
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import FoundAct, HazardStanding, LoopAct
from console.rules.hazard import ACT_NAMES, HazardAct, possible
from console.wire.frames import Intent

if TYPE_CHECKING:
    from console.node.journal.journal import Journal

CLS: Final = Hazard.CLS
LOOP: Final = {f"hazard.{act.value}": act for act in HazardAct}
NAMES: Final = ("hazard.find", "hazard.tell", *LOOP)
WEIGHTY: Final = frozenset(LOOP)
LINES: Final = 200
_ACTIONS: Final = {
    "find": Action.HAZARD_FIND,
    "tell": Action.HAZARD_FIND,
    "assess": Action.HAZARD_ASSIGN,
    "assign": Action.HAZARD_ASSIGN,
    "dismiss": Action.HAZARD_ASSIGN,
    "mend": Action.HAZARD_MEND,
    "pass": Action.HAZARD_INSPECT,
    "fail": Action.HAZARD_INSPECT,
    "close": Action.HAZARD_INSPECT,
    "reopen": Action.HAZARD_INSPECT,
}


class LoopForm(Value, frozen=True, kw_only=True):
    """The acts of the loop. Who inspects signs himself, so that nobody inspects what he mended."""

    reason: str = ""
    severity: int = 0
    to: str = ""
    due_ns: int = 0
    text: str = ""
    sha256s: tuple[str, ...] = ()


class Around(NamedTuple):
    """What the node knows besides the journal; `source`: only a source tells of it."""

    areas: Mapping[str, Any]
    has_file: Callable[[str], bool]
    source: bool
    name: Callable[[str], Text] = Text


class Hazards:
    """Declares the acts, publishes after each and, once the journal is open, all there were."""

    def __init__(
        self,
        published: Published,
        intents: Intents,
        *,
        simulated: Callable[[], bool] = lambda: False,
        has_file: Callable[[str], bool] = lambda _sha256: False,
    ) -> None:
        self._published, self._hub = published, published.hub
        self._simulated, self._has_file = simulated, has_file
        self._closed = Fading()
        intents.when_open(self._opened)
        for name in NAMES:
            intents.declare(name, Act(CLS, self._look, decide, self._done, asks=self._asks, shown=hazard_of))

    async def _opened(self, journal: Journal) -> None:
        for view in sorted(await journal.views(CLS), key=lambda view: view.state.closed_ns):
            self.publish(view)

    def _look(self, intent: Intent) -> Around:
        source = self._published.of_source(Hazard, intent.entity) is not None
        return Around(self._hub.entities.get(Area.CLS, {}), self._has_file, source, self._published.name)

    def _asks(self, intent: Intent) -> tuple[Asked, ...]:
        action = _ACTIONS[intent.name.removeprefix("hazard.")]
        known = self._hub.entities.get(CLS, {}).get(intent.entity)
        area, board = (known.area, known.board) if isinstance(known, Hazard) else ("", None)
        if intent.name == "hazard.find" and not isinstance(known, Hazard):
            area, board = area_of(intent), board_of(intent, Board.PRODUCTION)
        return (Asked(action, area, board, CLS, f"{CLS}:{intent.entity}"),)

    def _done(self, _intent: Intent, view: View) -> None:
        self.publish(view)

    def publish(self, view: View) -> None:
        """A hazard stands so now."""
        standing: HazardStanding = view.state
        if not standing.moments:
            return
        self._published.put(hazard_of(standing, simulated=self._simulated()), heads=view.heads)
        gone = self._closed.put(view.id, faded=standing.phase is HazardPhase.CLOSED)
        if gone:
            self._published.drop(Hazard, gone)


def decide(intent: Intent, around: Around, view: View) -> list[Draft]:
    """The entry of an act. Raises RefusedError naming the rule, MovedError where it is a conflict."""
    if around.source:
        raise RuleError("隐患规则：此隐患由其数据源管理", "hazard rule: its source keeps it")
    if intent.name in WEIGHTY:
        check_seen(intent, view, WEIGHTY, lambda kind: ACT_NAMES[LOOP[kind]].zh, around.name)
    if intent.name == "hazard.find":
        check_id(intent)
        found = read(intent, FoundAct)
        check_area(found.area, around.areas)
        act: FoundAct | LoopAct = found
    else:
        form = read(intent, LoopForm)
        act = LoopAct(**{name: getattr(form, name) for name in LoopForm.__struct_fields__})
    check_files(act.sha256s, around.has_file)
    return checked([draft_of(intent, view, intent.name, act)], view)


def hazard_of(standing: HazardStanding, *, simulated: bool = False) -> Hazard:
    """The entity as screens know it; a line of its timeline bears the act's kind as `ref`."""
    found, moments = standing.found, standing.moments
    return Hazard(
        id=standing.id,
        simulated=simulated,
        title=Text(found.title),
        nature=found.nature,
        place=Text(found.place),
        area=found.area,
        board=found.board,
        lon=found.lon,
        lat=found.lat,
        phase=standing.phase,
        severity=standing.severity,
        assigned_to=standing.assigned_to,
        due_ns=standing.due_ns,
        found_ns=standing.found_ns,
        closed_ns=standing.closed_ns,
        photos=(*found.sha256s, *(sha256 for seen in standing.inspections for sha256 in seen.sha256s)),
        timeline=tuple(LogLine(by=m.by, t_ns=m.t_ns, text=m.text, ref=m.kind) for m in moments[-LINES:]),
        possible=possible(standing.phase),
        dismissed=standing.dismissed,
    )
