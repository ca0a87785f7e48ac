"""What each session may ask and is shown, thing by thing: entities, sensors, questions, acts; knows no socket.

Sessions with the same rights are given the same `Scope`, and so share every encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import msgspec

from console.api import (
    LIVE,
    NS,
    Access,
    Alarm,
    Area,
    Board,
    Camera,
    Domain,
    Entity,
    MapLayer,
    Person,
    Sensor,
    Text,
    Wall,
    WallMachine,
)
from console.api import Warning_ as Warned
from console.node.access.actions import Action
from console.node.access.gate import Gate
from console.node.access.office import SecurityOffice
from console.node.access.sessions import LOCKED_TOPICS, Presence, Session
from console.node.access.sight import Sight
from console.node.access.verdict import Verdict, allowed, refused, words
from console.node.act import Asked
from console.node.hub import Hub
from console.node.lens import Known, Scope
from console.wire.frames import (
    Backfill,
    FilePut,
    FileRequest,
    Intent,
    IntentAnswer,
    Message,
    Query,
    Refusal,
    Replay,
    TicketRequest,
)

REFERENCE: Final = frozenset({Area.CLS, Domain.CLS, MapLayer.CLS, Person.CLS})
"""What everybody who is logged in is shown: without it nothing else can be named."""
LATER: Final = ("locked", "session_ended")
"""Refusals that are no last word on an act: it is sent again once somebody is there."""
ATTACHING: Final = (
    Action.INCIDENT_REPORT,
    Action.INCIDENT_SEND_REPORT,
    Action.HAZARD_FIND,
    Action.HAZARD_MEND,
    Action.HAZARD_INSPECT,
)
"""Who may do one of these anywhere may send files up."""
KEPT: Final = 256
Asking = Callable[[Intent], Asked | None]


class Guard:
    """Asks the gate for the gateway.

    Args:
        hub: of the present; areas are learned from it, persons published in it.
        asked: what an act asks to be allowed, None of an act that nobody knows.
    """

    def __init__(self, gate: Gate, office: SecurityOffice, hub: Hub, asked: Asking) -> None:
        self.gate, self.office, self._hub, self._asked = gate, office, hub, asked
        self._scopes: dict[tuple[Sight, bool], Scope | None] = {}
        self._walls: dict[int, int] = {}
        self._parents: dict[str, str] = {}

    # ------------------------------------------------------------------ what is shown

    def locked(self, session: Session) -> bool:
        """Whether its screen is locked, or the session has ended."""
        return self.gate.sessions.presence(session.number, self.gate.steady.now_ns()) is not Presence.OPEN

    def scope(self, session: Session) -> Scope | None:
        """What the session is shown now; None: everything."""
        sight = self.gate.rights.sight(session.person, self.gate.steady.now_ns())
        key = (sight, self.locked(session))
        if key not in self._scopes:
            if len(self._scopes) >= KEPT:  # one that is still in use goes on: another of the same rights is its own
                del self._scopes[next(iter(self._scopes))]
            self._scopes[key] = self._made(*key)
        return self._scopes[key]

    def _made(self, sight: Sight, locked: bool) -> Scope | None:
        if sight.whole and not locked:
            return None
        return Scope(partial(self._shows, sight), LOCKED_TOPICS if locked else None)

    def _shows(self, sight: Sight, entity: Entity, known: Known) -> bool:
        if entity.CLS in REFERENCE or sight.whole:
            return True
        area, board = place_of(entity, known)
        rights = self.gate.rights
        if sight.shows(rights.above(area), board, entity.CLS):
            return True
        # a warning for an area concerns all below it: who is there is told
        return isinstance(entity, Warned) and any(area in rights.above(own) for own in sight.areas)

    # ------------------------------------------------------------------ what may be asked

    def forbids(self, message: Message, session: Session, hub: Hub) -> Refusal | None:
        """Why a question is not answered, None where it is."""
        verdict = self._question(message, session, hub)
        if verdict is None or verdict.may:
            return None
        req = getattr(message, "req", None)
        said = words(verdict)
        return Refusal(
            code="rule", what=said.of("en"), zh=said.zh, found=verdict.rule, req=req, context=message.context
        )

    def _question(self, message: Message, session: Session, hub: Hub) -> Verdict | None:
        if self.locked(session):
            return refused("locked")
        if message.context != LIVE and not self._follows(message, session):
            verdict = self.somewhere(session, Action.REPLAY)
            if not verdict.may:
                return verdict
        match message:
            case Query():
                return self._look(session, hub.entities.get(Sensor.CLS, {}).get(message.sensor), Sensor.CLS, hub)
            case TicketRequest():
                return self._look(session, hub.entities.get(Camera.CLS, {}).get(message.camera), Camera.CLS, hub)
            case FilePut():
                return next((verdict for verdict in self._attaches(session) if verdict.may), refused("view_only"))
            case Backfill() | FileRequest():
                return None  # a feed holds what may be seen alone; a hash is known from an entity that was shown
            case _:
                return None

    def _follows(self, message: Message, session: Session) -> bool:
        """Whether a wall shows the replay that its scene names: it joins and leaves it, and steers nothing."""
        steers = isinstance(message, Replay) and (message.op not in ("open", "close") or message.at_ns)
        if not session.wall or steers:
            return False
        walls = (wall for wall in self._hub.entities.get(Wall.CLS, {}).values() if isinstance(wall, Wall))
        own = (wall.scene for wall in walls if self.gate.is_local or wall.id == session.person)
        return any(scene is not None and scene.context == message.context for scene in own)

    def _attaches(self, session: Session) -> Iterator[Verdict]:
        """Of each act that a file may belong to, whether the session may do it anywhere."""
        yield from (self.somewhere(session, action) for action in ATTACHING)

    def _look(self, session: Session, entity: Entity | None, cls: str, hub: Hub) -> Verdict:
        """Of a thing that is not there only who sees everything may ask."""
        area, board = place_of(entity, hub.entities) if entity is not None else ("", None)
        of = f"{cls}:{entity.id}" if entity is not None else ""
        return self.gate.may(session, Action.VIEW, area, board, cls, of)

    def somewhere(self, session: Session, action: Action) -> Verdict:
        """Whether the session may do it in any area at all."""
        areas = self.gate.rights.allowances(session.person, self.gate.steady.now_ns()).get(action.value, ("",))
        return self.gate.may(session, action, areas[0])

    def signed(self, intent: Intent, session: Session, place: str) -> Intent:
        """The act as that of who is logged in, whoever it says it is of.

        Only where nobody was named yet, so that there is nobody whom it could pretend to be, it may say a name.
        """
        if self.gate.is_local:
            actor = intent.actor or session.person
            return msgspec.structs.replace(intent, actor=actor, place=intent.place or place)
        return msgspec.structs.replace(intent, actor=session.person, place=session.place)

    def act(self, intent: Intent, session: Session) -> IntentAnswer | None:
        """Why an act is not done, None where it may be; what has to be written down is."""
        verdict = self._act(intent, session)
        if verdict.may:
            return None
        state = "pending" if verdict.rule in LATER else "refused"
        return IntentAnswer(id=intent.id, state=state, reason=words(verdict), context=intent.context)

    def _act(self, intent: Intent, session: Session) -> Verdict:
        asked = self._asked(intent)
        if asked is None:  # the journal refuses it with its rule; a wall not even asks
            return refused("view_only") if session.wall else refused("locked") if self.locked(session) else ANYTHING
        for one in (asked, *asked.more):
            verdict = self.gate.may(session, one.action, one.area, one.board, one.topic, one.entity)
            if not verdict.may:
                return verdict
        return ANYTHING

    def barred_from_rules(self, person: str, area: str) -> Text | None:
        """Why a person may set no scene rule for a wall of the area now, logged in or not; None: they may."""
        if self.gate.is_local:
            return None
        now_ns = self.gate.steady.now_ns()
        verdict = self.gate.rights.may(person, Action.WALL_RULE, area, topic=Wall.CLS, now_ns=now_ns)
        return None if verdict.may else words(verdict)

    # ------------------------------------------------------------------ what the console is told

    def access(self, session: Session | None, *, change_next: bool = False, reason: Text | None = None) -> Access:
        """Who is logged in and what they may, for the console."""
        age, now_ns = self.gate.policy_age(), self.gate.steady.now_ns()
        opened = self.gate.shelf.opened if self.gate.trusts else None
        access = Access(
            first=self.office.first_start,
            policy_version=age.version,
            policy_issued_ns=opened.order.issued_ns if opened is not None else 0,
            policy_expires_ns=self._wall(self.gate.rights.expires_ns) if opened is not None else 0,
            reason=reason or Text(""),
        )
        if session is None:
            return access
        rights = self.gate.rights
        person = rights.person(session.person)
        may = rights.allowances(session.person, now_ns)
        return msgspec.structs.replace(
            access,
            person=session.person,
            name=person.name if person is not None else Text(session.person),
            roles=rights.titles(session.person),
            role_ids=tuple(rights.roles(session.person)),
            wall=session.wall,
            local=self.gate.is_local,
            locked=self.locked(session),
            change_next=change_next,
            two_factors=self._two_factors(session),
            locks_s=0.0 if session.lasting else self.gate.idle_s,
            ends_ns=0 if session.lasting else self._wall(session.ends_ns),
            glass_until_ns=self._wall(self.gate.glass_until_ns(session)),
            may={action: areas for action, areas in may.items() if action == Action.VIEW} if session.wall else may,
        )

    def _two_factors(self, session: Session) -> bool:
        accounts = self.gate.accounts
        account = accounts.named(session.name or accounts.name_of(session.person))
        return account is not None and bool(account.totp)

    def _wall(self, steady_ns: int) -> int:
        """A time of the steady clock as node time, always the same for the same."""
        if not steady_ns:
            return 0
        if steady_ns not in self._walls:
            if len(self._walls) >= KEPT:
                del self._walls[next(iter(self._walls))]
            left_s = (steady_ns - self.gate.steady.now_ns()) // NS
            self._walls[steady_ns] = (self._hub.clock() // NS + left_s) * NS
        return self._walls[steady_ns]

    # ------------------------------------------------------------------ what the gate has to know, and tells

    def tick(self) -> None:
        """Each second: areas as they are now; time passes for sessions and glasses."""
        areas = self._hub.entities.get(Area.CLS, {}).values()
        parents = {area.id: area.parent for area in areas if isinstance(area, Area)}
        if parents != self._parents:  # what lies below what is others now: whoever is not shown all is told anew
            self._parents = parents
            self._scopes.clear()
        self.gate.areas(parents)
        self.gate.tick()

    def publish(self) -> None:
        """Persons, by whose names screens call the ids in acts and seats."""
        rights, known = self.gate.rights, self._hub.entities.get(Person.CLS, {})
        people = [Person(id=p.id, name=p.name, roles=rights.titles(p.id)) for p in rights.people if not p.wall]
        self._hub.put("access", people)
        gone = set(known) - {person.id for person in people}
        if gone:
            self._hub.drop(Person, gone)


ANYTHING: Final = allowed("asked")


def place_of(entity: Entity, known: Known) -> tuple[str, Board | None]:
    """Area and board of a thing; an alarm stands where its sensor does, a wall's machine where its wall does."""
    if isinstance(entity, WallMachine):
        wall = known.get(Wall.CLS, {}).get(entity.wall)
        return (wall.area if isinstance(wall, Wall) else ""), None
    if isinstance(entity, Alarm):
        sensor = known.get(Sensor.CLS, {}).get(entity.sensor)
        return (sensor.area, sensor.board) if isinstance(sensor, Sensor) else ("", None)
    area, board = getattr(entity, "area", ""), getattr(entity, "board", None)
    return (area if isinstance(area, str) else ""), (board if isinstance(board, Board) else None)
