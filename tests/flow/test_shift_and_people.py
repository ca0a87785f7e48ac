"""Panels at a node with people over a real socket: a person is added, and a seat handed over with two signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from console.api import ActStanding, Answer, Entity, HandoverPhase, Person, Roster, Seat, Text
from tests.fakes import FakeHost
from tests.flow.guarded import ADMIN, OFFICER, OWN, Console, GuardedNode, console, recording
from tests.flow.nodes import until
from widgets.kit.sheet import Paper
from widgets.people.panel import PeoplePanel
from widgets.people.spec import PeopleSettings
from widgets.shift.panel import ShiftPanel
from widgets.shift.spec import ShiftSettings

E_ = TypeVar("E_", bound=Entity)
Shown = ShiftPanel | PeoplePanel
SECOND, LATER = "six red foxes by the weir", "twelve plain maps unrolled"
NEW = (("李卫国", "Li Weiguo", "li", OFFICER), ("王芳", "Wang Fang", "wang", SECOND))


class RealHost(FakeHost):
    """A panel's host over a desk: what it asks goes to the node; what it spawns the test runs."""

    def __init__(self, at: Console) -> None:
        super().__init__(language="en")
        self._desk = at.desk
        self.access = at.desk.access

    def may(self, action: str, area: str = "") -> bool:
        return self._desk.may(action, area)

    def entities(self, cls: type[E_]) -> Mapping[str, E_]:
        return self._desk.entities(cls)

    def act(self, entity: str) -> ActStanding | None:
        return self._desk.act(entity)

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        return await self._desk.intent(name, entity, **arguments)

    async def roster(self) -> Roster:
        return await self._desk.roster()

    async def administer(self, act: str, **arguments: Any) -> Text:
        return await self._desk.administer(act, **arguments)

    async def ran(self) -> None:
        """What was spawned, to its end."""
        while self.spawned:
            await self.spawned.pop(0)[1]

    def see(self, panel: Shown) -> None:
        """What the desk knows now."""
        self._desk.drain()
        self.access, self.now_ns = self._desk.access, self._desk.now_ns
        panel.update_frame(self.frame(seeked=True))


def press(panel: QWidget, key: Qt.Key, *, control: bool = False) -> None:
    widget = panel.window().focusWidget()
    assert widget is not None
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(widget, key, modifier)


def typed(panel: QWidget, *texts: str) -> None:
    for text in texts:
        widget = panel.window().focusWidget()
        assert widget is not None
        if isinstance(widget, QLineEdit) and not text.isascii():
            widget.insert(text)  # an input method's
        else:
            QTest.keyClicks(widget, text)
        press(panel, Qt.Key.Key_Return)


@asynccontextmanager
async def shown(at: Console, cls: type[Shown]) -> AsyncIterator[tuple[Any, RealHost]]:
    """A panel at a console."""
    host = RealHost(at)
    panel: Any = ShiftPanel(host, ShiftSettings()) if cls is ShiftPanel else PeoplePanel(host, PeopleSettings())
    panel.resize(700, 600)
    panel.show()
    host.see(panel)
    await host.ran()
    try:
        yield panel, host
    finally:
        host.close_spawned()
        panel.close_panel()
        panel.close()
        panel.deleteLater()
        QApplication.sendPostedEvents()


async def first_login(node: GuardedNode, name: str, given: str, own: str) -> None:
    async with console(node) as at:
        assert await at.desk.login(name, given) == Text("")
        assert await at.desk.change_password(given, own) == Text("")


async def test_people_are_added_and_hand_a_seat_over_by_keyboard(qapp: QApplication, tmp_path: Path) -> None:
    async with recording(tmp_path) as node:
        async with console(node) as at:
            await until(lambda: at.desk.access.first)
            code = await at.desk.first_administrator(node.code, "test", "chief", Text("主管", "Chief"), ADMIN)
            assert code == Text("")
            await until(lambda: bool(at.desk.entities(Person)))
            async with shown(at, PeoplePanel) as (people, host):
                for name, english, id_, secret in NEW:
                    people.list.setFocus()
                    press(people, Qt.Key.Key_Insert)
                    typed(people, name, english, id_, "duty_officer", "", "", "", id_, secret, secret)
                    press(people, Qt.Key.Key_Return)
                    await host.ran()
                    assert people.sheet is None, people.sheet.line.accessibleName()
                assert [row.first for row in people.list.rows] == ["Chief", "Li Weiguo", "Wang Fang"]
                people.list.select("chief")
                press(people, Qt.Key.Key_Return)
                role = next(w for w in people.sheet.findChildren(QLineEdit) if w.accessibleName() == "Role")
                role.setFocus()
                typed(people, "audit")
                press(people, Qt.Key.Key_Return, control=True)
                await host.ran()
                assert "nobody may hold two" in people.sheet.line.accessibleName()
        await first_login(node, "li", OFFICER, OWN)
        await first_login(node, "wang", SECOND, LATER)
        async with console(node) as one, console(node) as two:
            assert await one.desk.login("li", OWN) == Text("")
            assert await two.desk.login("wang", LATER) == Text("")
            await until(lambda: len(one.desk.entities(Person)) == len(two.desk.entities(Person)) == 3)
            told = {"title": "天元路燃气疑似泄漏", "area": "north"}
            await one.desk.intent("incident.report", "3f2a" * 8, **told)
            async with shown(one, ShiftPanel) as (leaving, li), shown(two, ShiftPanel) as (coming, wang):
                await hand_over(node, leaving, li, coming, wang)
    kinds = [(e.header.kind, e.header.actor) for e in node.entries() if e.header.cls == "shift"]
    assert kinds == [
        ("shift.start", "li"),
        ("shift.log", "li"),
        ("shift.draft", "li"),
        ("shift.sign_off", "li"),
        ("shift.object", "wang"),
        ("shift.draft", "li"),
        ("shift.sign_off", "li"),
        ("shift.take", "wang"),
    ]


async def hand_over(node: GuardedNode, leaving: ShiftPanel, li: RealHost, coming: ShiftPanel, wang: RealHost) -> None:
    """Start, a line, a handover that is objected to, written anew and taken."""

    def seat(host: RealHost, panel: ShiftPanel) -> Seat:
        node.hub.flush()
        host.see(panel)
        return next(iter(host.entities(Seat).values()), Seat(id=""))

    async def saved(panel: ShiftPanel, host: RealHost) -> None:
        press(panel, Qt.Key.Key_Return, control=True)
        assert host.spawned, "the sheet was not whole"
        await host.ran()
        assert panel.sheet is None

    leaving.do("shift.start")
    typed(leaving, "Desk 1")
    await saved(leaving, li)
    await until(lambda: seat(li, leaving).officer == "li")
    leaving.do("shift.log")
    typed(leaving, "All quiet")
    await li.ran()
    await until(lambda: bool(seat(li, leaving).log))
    assert [(row.text, row.mark) for row in leaving.list.rows] == [("All quiet", None)]
    for turn in ("object", "take"):
        leaving.begin("shift.draft")
        assert leaving.sheet is not None
        to, text = leaving.sheet.findChild(QLineEdit), leaving.sheet.findChild(Paper)
        assert to is not None
        assert text is not None
        to.setFocus()
        if turn == "object":
            typed(leaving, "wang")
        text.setPlainText(f"The street is closed. {turn}")
        await saved(leaving, li)
        await until(partial(lambda words: words in written(seat(li, leaving)), turn))
        leaving.do("shift.hand_over")
        assert leaving.sheet is not None
        reason = [w for w in leaving.sheet.findChildren(QLineEdit) if w.accessibleName() == "Reason"]
        assert reason, "the open incident is not mentioned"
        reason[0].setFocus()
        typed(leaving, "known to all")
        await saved(leaving, li)
        await until(lambda: signed(seat(wang, coming)))
        coming.begin(f"shift.{turn}")
        if turn == "object":
            typed(coming, "who watches the river?")
        await saved(coming, wang)
        await until(lambda: not signed(seat(li, leaving)))
    await until(lambda: seat(li, leaving).officer == "wang")
    assert leaving.head.officer == "Wang Fang"


def written(seat: Seat) -> str:
    return seat.handover.text if seat.handover is not None else ""


def signed(seat: Seat) -> bool:
    return seat.handover is not None and seat.handover.phase is HandoverPhase.SIGNED_OFF
