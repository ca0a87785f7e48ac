"""Proposes what is meant for the gravest open incident: a scene for a wall, else a layout; opens and takes none.

Part of the composition root, owned by console.stage.tiling. One notice at a time. A scene is proposed once for an
incident as grave as it is; when its grade rises, anew. Nothing reaches a wall from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from console.api import Incident, IncidentRecord, Notice, Severity, Text, Wall, WallMachine
from console.rules.scene_rule import UNGRADED, fits
from console.shell.ports import Drained
from console.shell.session import Session
from console.stage.stage import Stage
from layouts.tree import Layout

NOTICE: Final = "layout.proposed"
KEY: Final = "Shift+P"
"""Of the command that opens the preview of what is proposed (console.walls.directing)."""
GRADES: Final = ("", "特别重大", "重大", "较大", "一般")


class Proposal(NamedTuple):
    """A scene that is meant for an incident."""

    scene: Layout
    incident: Incident


class Proposing:
    """See the module.

    Attributes:
        scene: what is proposed for a wall now, None nothing.
    """

    def __init__(self, stage: Stage, session: Session) -> None:
        self._stage, self._session = stage, session
        self._layouts: list[Layout] = []
        self._scenes: list[Layout] = []
        self._answered: dict[str, int] = {}
        """Incidents whose scene was previewed or stood on a wall, with the grade that they had."""
        self._proposed = ""
        self.scene: Proposal | None = None

    def offer(self, graded: Iterable[Layout]) -> None:
        """These layouts and scenes are meant for incidents of a grade: the most particular first."""
        rows = sorted(graded, key=lambda layout: (layout.grade, not layout.natures, layout.id))
        self._layouts = [layout for layout in rows if layout.role != "wall"]
        self._scenes = [layout for layout in rows if layout.role == "wall"]

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: incidents may be graver, or closed, and walls show another scene."""
        if {Incident.CLS, Wall.CLS, WallMachine.CLS} & set(drained.entities) or second:
            self._look()

    def _look(self) -> None:
        incidents = self._session.desk.entities(Incident)
        open_ = [one for one in incidents.values() if not one.closed_ns and one.grade]
        self._answered = {id_: grade for id_, grade in self._answered.items() if id_ in incidents}
        self.scene = self._for_wall(open_)
        layout = next((one for one in self._layouts if any(self._fits(one, each) for each in open_)), None)
        if layout is not None and layout.id == self._stage.layout_id:
            layout = None
        self._say(layout)

    def _for_wall(self, open_: list[Incident]) -> Proposal | None:
        """The scene of the gravest incident whose scene nobody has looked at yet, where there are walls to direct."""
        desk = self._session.desk
        walls = desk.entities(Wall)
        heard = bool(walls) or bool(desk.entities(WallMachine))  # on a wall's first night no scene stands there
        if not heard or not desk.may("wall.take"):
            return None
        for incident in sorted(open_, key=lambda one: (one.grade, -one.started_ns, one.id)):
            scene = self._scene_of(incident)
            if scene is None or self._answered.get(incident.id, UNGRADED) <= incident.grade:
                continue
            if any(_shows(wall, scene, incident) for wall in walls.values()):
                self._answered[incident.id] = incident.grade
                continue
            return Proposal(scene, incident)
        return None

    def _scene_of(self, incident: Incident) -> Layout | None:
        """The scene that is meant for it: one for its nature before one for any."""
        fitting = [scene for scene in self._scenes if self._fits(scene, incident)]
        return min(fitting, key=lambda scene: (not scene.natures, scene.grade, scene.id), default=None)

    def _fits(self, layout: Layout, incident: Incident) -> bool:
        record = self._session.desk.entities(IncidentRecord).get(incident.id)
        nature = record.facts.nature if record is not None else ""
        said = f"{nature} {incident.title.zh} {incident.title.of('en')}"
        return incident.grade <= layout.grade and fits(layout.natures, said)

    # ------------------------------------------------------------------ what is said

    def _say(self, layout: Layout | None) -> None:
        scene = self.scene
        named = f"{scene.scene.id} {scene.incident.id} {scene.incident.grade}" if scene is not None else ""
        wanted = f"{named}|{layout.id if layout is not None else ''}"
        if wanted == self._proposed:
            return
        self._proposed = wanted
        if scene is not None:
            self._raise(*_of_scene(scene))
        elif layout is not None:
            self._raise(*_of_layout(layout))
        else:
            self._session.notices.clear(NOTICE)
        self._session.commands.follow()

    def _raise(self, summary: Text, tip: Text) -> None:
        self._session.notices.raise_(Notice(key=NOTICE, severity=Severity.INFO, summary=summary, tip=tip))

    # ------------------------------------------------------------------ what came of it

    def looked_at(self, proposal: Proposal) -> None:
        """Its scene is in preview: it is not proposed again, unless the incident becomes graver."""
        self._answered[proposal.incident.id] = proposal.incident.grade
        self._look()

    def opened(self, layout_id: str) -> None:
        """That layout is open: it need not be proposed any more."""
        if self.scene is None and self._proposed.endswith(f"|{layout_id}"):
            self._session.notices.clear(NOTICE)


def _shows(wall: Wall, scene: Layout, incident: Incident) -> bool:
    """Whether the scene stands on the wall for that incident."""
    shown = wall.scene
    return shown is not None and shown.subject == f"{Incident.CLS}:{incident.id}" and shown.title == scene.title


def _of_scene(proposal: Proposal) -> tuple[Text, Text]:
    scene, incident = proposal
    title = incident.title
    summary = Text(
        f"“{title.zh}”为{GRADES[incident.grade]}事件：建议大屏{scene.title.zh}，按 {KEY} 预演",
        f"{title.of('en')} is of grade {incident.grade}: {scene.title.of('en')} fits a wall, {KEY} previews it",
    )
    return summary, Text(f"{KEY} 预演，看过再按 W 上屏", f"{KEY} previews it; W then puts it on the wall")


def _of_layout(layout: Layout) -> tuple[Text, Text]:
    title = layout.title
    summary = Text(f"事件等级已升：可切换到布局“{title.zh}”", f"An incident is graver: layout {title.of('en')} fits it")
    return summary, Text("Ctrl+K，输入布局名", "Ctrl+K and the layout's name")
