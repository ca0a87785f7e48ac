"""The sheets of people: adding and changing, an account, a password, revoking; they ask nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from console.api import Area, Host, Roster, RosterPerson
from widgets.kit.buttons import Px
from widgets.kit.fields import LineField
from widgets.kit.finding import Name, find
from widgets.kit.sheet import Sheet, Tick
from widgets.people.actions import OFFICES, offices
from widgets.people.rows import area_name, role_name
from widgets.people.words import tr

SITE: Final = "*"
"""Stands for the whole site in a field of areas, where "" is nothing chosen yet."""
Asked = list[tuple[str, dict[str, Any]]]
"""Acts for `Host.administer`, in order: the next only where the one before is in force."""
Filled = Callable[[], Asked | str]
"""What a sheet comes to; a text says what lacks."""


class Assigned(QWidget):
    """The roles that a person has, each a tick that can be taken off; `add` puts another one under them.

    Signals:
        changed: nothing; a tick was turned.
    """

    changed = Signal()

    def __init__(self, host: Host, px: Px, roster: Roster, high: float) -> None:
        super().__init__()
        self._host, self._px, self._roster, self._high = host, px, roster, high
        self._ticks: dict[tuple[str, str], Tick] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(round(px(2)))

    def add(self, role: str, area: str) -> None:
        """Give a role in an area, "" the whole site; twice is once."""
        known = self._ticks.get((role, area))
        if known is None:
            words = f"{role_name(self._roster, role, self._host.language)} · {area_name(self._host, area)}"
            known = self._ticks[role, area] = Tick(words, self._px, self._high)
            known.toggled.connect(lambda _on: self.changed.emit())
            self._column.addWidget(known)
        known.setChecked(True)

    def chosen(self) -> list[tuple[str, str]]:
        """(role, area) of all that are ticked."""
        return [key for key, tick in self._ticks.items() if tick.isChecked()]


class Sheets:
    """Makes sheets over a roster; each comes with what its fields come to."""

    def __init__(self, host: Host, px: Px) -> None:
        self._host, self._px = host, px

    def _sheet(self, head: str, about: str, save: str) -> Sheet:
        return Sheet(self._px, head, about, save, tr("Back"), least=self._host.target_px)

    def _secret(self) -> LineField:
        field = LineField(self._px)
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setPlaceholderText(tr("at least 12 characters"))
        return field

    # ------------------------------------------------------------------ a person

    def put(self, roster: Roster, person: RosterPerson | None) -> tuple[Sheet, Filled]:
        """A new person, or what an old one is called and may."""
        sheet = self._person_sheet(person)
        fields = {name: LineField(self._px) for name in ("zh", "en", "id", "account")}
        password, again = self._secret(), self._secret()
        roles = LineField(self._px, lambda typed: find(self._roles(roster), typed), only=True)
        areas = LineField(self._px, lambda typed: find(self._areas(), typed), only=True)
        sheet.add(tr("Name"), fields["zh"], must=True)
        sheet.add(tr("Name in English"), fields["en"])
        if person is None:
            fields["id"].setPlaceholderText(tr("letters and digits, for good"))
            sheet.add(tr("Id"), fields["id"], must=True)
        assigned = Assigned(self._host, self._px, roster, sheet.high)
        sheet.add_wide(assigned)
        sheet.add(tr("Role"), roles)
        sheet.add(tr("in area"), areas)
        areas.setPlaceholderText(tr("whole site; Enter adds the role"))
        if person is None:
            sheet.add(tr("Account"), fields["account"])
            sheet.add(tr("First password"), password)
            sheet.add(tr("Once more"), again)
        sheet.finish()

        def given() -> list[tuple[str, str]]:
            pair = [(roles.value(), "" if areas.value() == SITE else areas.value())] if roles.value() else []
            return [*assigned.chosen(), *(p for p in pair if p not in assigned.chosen())]

        def check() -> None:
            sheet.say(self._separated(roster, given()))

        def take() -> None:
            if odd := _unknown(roles, areas):  # an area typed wrong is not the whole site
                sheet.say(odd)
                return
            for role, area in given():
                assigned.add(role, area)
            sheet.order()
            if roles.value():
                roles.set_value("")
                areas.set_value("")
                roles.setPlaceholderText(tr("one more role, or Enter to go on"))  # the account's field is further down
                sheet.focus(roles)
            check()

        roles.edited.connect(check)
        assigned.changed.connect(check)
        areas.done.disconnect()
        areas.done.connect(lambda: take() if roles.text().strip() or areas.text().strip() else sheet.go_on(areas))
        if person is not None:
            fields["zh"].set_value(person.name.zh)
            fields["en"].set_value(person.name.en)
            for role, area in person.roles:
                assigned.add(role, area)

        def filled() -> Asked | str:
            id_ = person.id if person is not None else fields["id"].value()
            if not fields["zh"].value():
                return tr("What is the person called?")
            if not id_:
                return tr("An id is needed: by it every act is kept for good.")
            if person is None and any(p.id == id_ for p in roster.people):
                return tr("{id} is another person's id already.").format(id=id_)
            if lack := _unknown(roles, areas):
                return lack
            if fields["account"].value() and (lack := _flaw(password, again)):
                return lack
            told: dict[str, Any] = {"id": id_, "name_zh": fields["zh"].value(), "name_en": fields["en"].value(),
                    "roles": [list(pair) for pair in given()]}  # fmt: skip
            if person is not None and person.wall:
                told["wall"] = True
            asked: Asked = [("person.put", told)]
            if fields["account"].value():
                account = {"id": id_, "account": fields["account"].value(), "password": password.text()}
                asked.append(("account.add", account))
            return asked

        return sheet, filled

    def _person_sheet(self, person: RosterPerson | None) -> Sheet:
        about = tr("What is changed here is signed, and in force on every node that it reaches.")
        head = tr("Add a person")
        if person is not None:
            head = tr("Change {name}").format(name=person.name.of(self._host.language))
        return self._sheet(head, about, tr("Sign and save"))

    def _roles(self, roster: Roster) -> list[Name]:
        language = self._host.language
        return [Name(id=r.id, shown=r.title.of(language) or r.id, beside=r.id, also=r.id) for r in roster.roles]

    def _areas(self) -> list[Name]:
        areas = sorted(self._host.entities(Area).values(), key=lambda a: a.id)
        language = self._host.language
        names = [Name(id=a.id, shown=a.name.of(language) or a.id, also=a.id) for a in areas]
        return [Name(id=SITE, shown=tr("whole site")), *names]

    def _separated(self, roster: Roster, given: list[tuple[str, str]]) -> str:
        """Why these roles cannot be one person's, "" where they can."""
        chosen = {role for role, _ in given}
        held = offices(role for role in roster.roles if role.id in chosen)
        if len(held) < 2:
            return ""
        words = tr("Separation of offices: nobody is both {one} and {other}. The node will not sign this.")
        one, other = (OFFICES[office].of(self._host.language) for office in held[:2])
        return words.format(one=one, other=other)

    # ------------------------------------------------------------------ account, password, end

    def account(self, person: RosterPerson) -> tuple[Sheet, Filled]:
        """A log-in for somebody who has none; a new password for who has."""
        name, password, again = LineField(self._px), self._secret(), self._secret()
        new = not person.account
        who = person.name.of(self._host.language)
        head = (tr("Account of {name}") if new else tr("New password of {name}")).format(name=who)
        about = tr("Tell it in person. It has to be changed at the first log-in.")
        sheet = self._sheet(head, about, tr("Save"))
        if new:
            sheet.add(tr("Account"), name, must=True)
        sheet.add(tr("Password"), password, must=True)
        sheet.add(tr("Once more"), again, must=True)
        sheet.finish()

        def filled() -> Asked | str:
            if new and not name.value():
                return tr("Which name does the person log in with?")
            if lack := _flaw(password, again):
                return lack
            if new:
                told = {"id": person.id, "account": name.value(), "password": password.text()}
                return [("account.add", told)]
            return [("account.password", {"account": person.account, "password": password.text()})]

        return sheet, filled

    def factor_off(self, person: RosterPerson) -> tuple[Sheet, Filled]:
        """The second factor of somebody who lost the phone, with a reason."""
        who = person.name.of(self._host.language)
        about = tr("For a lost phone: the password alone opens then. Make sure who asks. {name} turns a new one on.")
        sheet = self._sheet(
            tr("Second factor of {name} off").format(name=who), about.format(name=who), tr("Take it off")
        )
        return self._with_reason(sheet, "account.factor_off", account=person.account)

    def revoke(self, person: RosterPerson) -> tuple[Sheet, Filled]:
        """For good, with a reason."""
        who = person.name.of(self._host.language)
        about = tr("All sessions of {name} end within seconds, and no log-in opens any more. It cannot be undone.")
        sheet = self._sheet(tr("Revoke {name}").format(name=who), about.format(name=who), tr("Revoke"))
        return self._with_reason(sheet, "person.revoke", id=person.id)

    def _with_reason(self, sheet: Sheet, act: str, **whom: str) -> tuple[Sheet, Filled]:
        """A sheet that asks for the reason of an act alone."""
        reason = LineField(self._px)
        sheet.add(tr("Reason"), reason, must=True)
        sheet.finish()

        def filled() -> Asked | str:
            if not reason.value():
                return tr("Why? The reason is kept for the audit.")
            return [(act, {**whom, "reason": reason.value()})]

        return sheet, filled


def _unknown(roles: LineField, areas: LineField) -> str:
    """What is typed as a role or an area and is none, in words, "" where nothing is."""
    if roles.text().strip() and not roles.value():
        return tr("No role is called {typed}.").format(typed=roles.text().strip())
    if areas.text().strip() and not areas.value():
        return tr("No area is called {typed}. Left empty it is the whole site.").format(typed=areas.text().strip())
    return tr("Which role in this area?") if areas.value() and not roles.value() else ""


def _flaw(password: LineField, again: LineField) -> str:
    if not password.text():
        return tr("A password is needed.")
    return "" if password.text() == again.text() else tr("The two passwords are not the same.")
