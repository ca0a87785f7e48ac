"""Proposes the layout that is meant for the gravest incident that is open now; opens none.

Part of the composition root, owned by console.stage.tiling.
"""

from __future__ import annotations

from typing import Final

from console.api import Incident, Notice, Severity, Text
from console.shell.ports import Drained
from console.shell.session import Session
from console.stage.stage import Stage

NOTICE: Final = "layout.proposed"


class Proposing:
    """See the module.

    Attributes:
        graded: layouts that are meant for incidents of a grade, the most particular first: grade, id, title.
    """

    def __init__(self, stage: Stage, session: Session) -> None:
        self._stage, self._session = stage, session
        self.graded: list[tuple[int, str, Text]] = []
        self._proposed = ""

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: incidents may be graver, or closed."""
        if Incident.CLS not in drained.entities and not second:
            return
        incidents = self._session.desk.entities(Incident).values()
        grades = [one.grade for one in incidents if not one.closed_ns and one.grade]
        meant = [row for row in self.graded if grades and min(grades) <= row[0]]
        wanted = meant[0][1] if meant else ""
        if wanted == self._proposed:
            return
        self._proposed = wanted
        if not wanted or wanted == self._stage.layout_id:
            self._session.notices.clear(NOTICE)
            return
        title = meant[0][2]
        summary = Text(
            f"事件等级已升：可切换到布局“{title.zh}”", f"An incident is graver: layout {title.of('en')} fits it"
        )
        tip = Text("Ctrl+K，输入布局名", "Ctrl+K and the layout's name")
        self._session.notices.raise_(Notice(key=NOTICE, severity=Severity.INFO, summary=summary, tip=tip))

    def opened(self, layout_id: str) -> None:
        """That layout is open: it need not be proposed any more."""
        if layout_id == self._proposed:
            self._session.notices.clear(NOTICE)
