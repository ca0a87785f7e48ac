"""Tells a desk of the control of walls: who asks this person for one, and that one came to them or went from them.

Part of the composition root, owned by console.walls.directing; that only who controls a wall changes it is the node's.
"""

from __future__ import annotations

from typing import Final

from console.api import Notice, Person, Severity, Text, Wall
from console.shell.session import Session

ASKED: Final = "wall.asked"
CONTROL: Final = "wall.control"


class ControlNews:
    """See the module."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held: dict[str, str] = {}
        """Who controlled each wall when it was looked at last."""
        self._did: dict[str, str] = {}
        """This desk's last act at each wall since then."""

    def did(self, wall: str, act: str) -> None:
        """This desk does that: what comes of it is no news here."""
        self._did[wall] = act

    def follow(self) -> None:
        """Look at the walls as they are now."""
        me = self._session.desk.access.person
        walls = tuple(self._session.desk.entities(Wall).values()) if me else ()
        before, self._held = self._held, {wall.id: wall.controller for wall in walls}
        for wall in walls:
            self._moved(me, wall, before.get(wall.id, ""))
        asked = next((wall for wall in walls if wall.controller == me and wall.asked), None)
        if asked is None:
            self._session.notices.clear(ASKED)
            return
        who, name = self._name(asked.asked[0]), asked.name
        summary = Text(f"{who.zh} 申请控制大屏 {name.zh}", f"{who.of('en')} asks to control {name.of('en')}")
        tip = Text("Ctrl+K，移交大屏", "Ctrl+K, hand over the wall")
        self._session.notices.raise_(Notice(key=ASKED, severity=Severity.INFO, summary=summary, tip=tip))

    def _moved(self, me: str, wall: Wall, had: str) -> None:
        """It came to this person, or went from them, by another's act."""
        has, name = wall.controller, wall.name
        if not had or not has or had == has:
            return
        did = self._did.pop(wall.id, "")
        if has == me and did != "wall.seize":
            summary = Text(f"大屏 {name.zh} 已移交给您控制", f"You control {name.of('en')} now")
        elif had == me and did != "wall.give":
            who = self._name(has)
            summary = Text(f"{who.zh} 接管了大屏 {name.zh}", f"{who.of('en')} has taken over {name.of('en')}")
        else:
            return
        self._session.notices.raise_(Notice(key=CONTROL, severity=Severity.INFO, summary=summary))

    def _name(self, id_: str) -> Text:
        person = self._session.desk.entities(Person).get(id_)
        return person.name if person is not None else Text(id_)
