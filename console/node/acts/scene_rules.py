"""Scenes that come on walls by rule with the act that grades an incident: entries of the same transaction, so that a
rule's scene is there exactly once, whatever is cut, restarted or sent again. Pure; in the journal's thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from console.api import Area, Incident, IncidentPhase, RefusedError, SceneRule, Wall
from console.node.acts.lapsed_rules import Barred, lapsed
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import ACTS, IncidentStanding, SceneAct, WallStanding, check
from console.node.journal.folds.deed import Deed, Look
from console.rules.areas import subtree
from console.rules.scene_rule import first_reached, repeated, yields
from console.wire.frames import Intent

GRADE: Final = "incident.grade"
TAKE: Final = "wall.take"
_ENDED: Final = (IncidentPhase.CLOSED, IncidentPhase.REVIEWED)


class Watched(NamedTuple):
    """What is known of walls besides the journal: areas by id, and the grade of the open incident that each wall's
    scene is about, as screens know it (0 none). `lapsed`: walls with who set a rule there and may set none any more."""

    areas: Mapping[str, Any]
    shown: Mapping[str, int]
    lapsed: frozenset[tuple[str, str]] = frozenset()


def watched(entities: Mapping[str, Mapping[str, Any]], barred: Barred) -> Watched:
    """The walls of a hub that have rules; in the loop."""
    walls = [wall for wall in entities.get(Wall.CLS, {}).values() if isinstance(wall, Wall) and wall.rules]
    incidents = entities.get(Incident.CLS, {})
    return Watched(
        entities.get(Area.CLS, {}),
        {wall.id: _grade(wall, incidents) for wall in walls},
        frozenset((wall.id, rule.by) for wall in walls for rule, _why in lapsed(wall, barred)),
    )


def _grade(wall: Wall, incidents: Mapping[str, Any]) -> int:
    kind, _, id_ = (wall.scene.subject if wall.scene is not None else "").partition(":")
    known = incidents.get(id_) if kind == Incident.CLS else None
    return known.grade if isinstance(known, Incident) and not known.closed_ns else 0


def scenes_by_rule(intent: Intent, known: Watched, view: View, drafts: Sequence[Draft], look: Look) -> list[Draft]:
    """The takes that `drafts` of an incident bring about, one a wall at most; none where it is not graded anew.

    Each is done in the name of who set the rule, about the incident. What the wall's rules would refuse is left out.
    """
    if not any(draft.kind == GRADE for draft in drafts):
        return []
    before: IncidentStanding = view.state
    after = _after(before, drafts)
    takes = [_take(intent, look(Wall.CLS, id_), known, before, after, look) for id_ in sorted(known.shown)]
    return [take for take in takes if take is not None]


def _after(standing: IncidentStanding, drafts: Sequence[Draft]) -> IncidentStanding:
    for draft in drafts:
        rule = ACTS[Incident.CLS][draft.kind]
        standing = rule.apply(standing, Deed(draft.kind, draft.actor, 0, draft.act))
    return standing


def _take(
    intent: Intent, view: View, known: Watched, before: IncidentStanding, after: IncidentStanding, look: Look
) -> Draft | None:
    wall: WallStanding = view.state
    if wall.area and after.area not in subtree(wall.area, known.areas.values()):
        return None
    said = f"{after.facts.nature} {after.title}"
    held = (rule for rule in wall.rules if (view.id, rule.by) not in known.lapsed)
    rule = first_reached(held, before.facts.grade, after.facts.grade, said)
    if rule is None or not yields(rule.by, wall.controller, _shown(wall, known, after, look), after.facts.grade):
        return None
    subject = f"{Incident.CLS}:{after.id}"
    if repeated(rule, before.facts.grade) and wall.scenes and wall.scenes[-1].subject == subject:
        return None  # it stands there, or who changed it since knows better
    draft = _draft(intent, view, rule, subject)
    try:
        check(ACTS, lambda _cls, _id: view, draft)
    except RefusedError:  # nobody is there to be told; the incident is graded all the same
        return None
    return draft


def _shown(wall: WallStanding, known: Watched, graded: IncidentStanding, look: Look) -> int:
    """The grade of the open incident that the wall's scene is about, once this one is graded."""
    kind, _, id_ = (wall.scenes[-1].subject if wall.scenes else "").partition(":")
    if kind != Incident.CLS:
        return 0
    standing: IncidentStanding = graded if id_ == graded.id else look(Incident.CLS, id_).state
    if not standing.moments:
        return known.shown[wall.id]
    return 0 if standing.phase in _ENDED else standing.facts.grade


def _draft(intent: Intent, view: View, rule: SceneRule, subject: str) -> Draft:
    act = SceneAct(layout=rule.layout, title=rule.title, subject=subject, rule=rule.id)
    return Draft(
        kind=TAKE,
        cls=Wall.CLS,
        entity=view.id,
        act=act,
        actor=rule.by,
        place=intent.place,
        # its own id: the same act saved at two nodes puts the scene there once, and answers for who graded only
        intent=f"{intent.id} {view.id}",
        authority=view.authority,
        term=view.term,
    )
