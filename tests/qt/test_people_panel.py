"""People and roles as a security administrator finds and changes them by keyboard, from a roster filled by hand."""

from __future__ import annotations

import asyncio
from typing import cast

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from console.api import NS, Access, IntentState, LinkError, Person, RefusedError, Roster, RosterPerson, RosterRole, Text
from console.node.access.actions import OFFICE_OF, Action
from tests.fakes import NOW_NS, FakeHost, Role
from tests.qt.panel_making import Make
from tests.qt.saying import cut_labels, labels, saying
from tests.qt.seen import Seen
from tests.scenes import quiet
from widgets.people import actions
from widgets.people.panel import PeoplePanel
from widgets.people.spec import PeopleSettings

ROLES = (
    RosterRole(id="duty", title=Text("值班员", "Duty officer"), allows=("view", "acknowledge", "handover")),
    RosterRole(id="security", title=Text("安全员", "Security"), allows=("view", "people.edit", "people.revoke")),
    RosterRole(id="audit", title=Text("审计员", "Auditor"), allows=("view", "audit.read"), denies=("export",)),
    RosterRole(id="wall", title=Text("大屏", "Wall"), allows=("view",), view_only=True),
)


def person(id_: str, zh: str, en: str, role: str = "duty", **more: object) -> RosterPerson:
    return msgspec.convert(
        {"id": id_, "name": Text(zh, en), "roles": ((role, ""),), **more}, RosterPerson, from_attributes=True
    )


PEOPLE = (
    person("li", "李卫国", "Li Weiguo", account="liwg", sessions=1),
    person("wang", "王芳", "Wang Fang", role="security", account="wangf", two_factors=True),
    person("chen", "陈建军", "Chen Jianjun"),
    person("zheng", "郑海", "Zheng Hai", account="zhengh", locked=True),
    person("liu", "刘强", "Liu Qiang", account="liuq", revoked_ns=NOW_NS - 24 * 3600 * NS, revoked_reason="moved away"),
    person("hall", "大厅", "Hall", role="wall", wall=True),
)


class Office(FakeHost):
    """A host whose node answers as a test says, and counts how often it is asked for the roster."""

    answers: tuple[Text, ...] = ()
    fails: Exception | None = None
    forbids: Exception | None = None
    reads = 0

    async def roster(self) -> Roster:
        self.reads += 1
        if self.fails is not None:
            raise self.fails
        return await super().roster()

    async def administer(self, act: str, **arguments: object) -> Text:
        await super().administer(act, **arguments)
        if self.forbids is not None:
            raise self.forbids
        if not self.answers:
            return Text("")
        answer, self.answers = self.answers[0], self.answers[1:]
        return answer


def office(people: tuple[RosterPerson, ...] = PEOPLE, *, language: str = "en", role: Role = "desk") -> Office:
    host = Office(language=language, role=role)
    quiet(host)
    host.access = Access(person="wang", name=Text("王芳", "Wang Fang"))
    issued, expires = NOW_NS - 3600 * NS, NOW_NS + 71 * 3600 * NS
    host.people = Roster(
        site="Xixian", version=12, issued_ns=issued, expires_ns=expires, signs=True, roles=ROLES, people=people
    )
    return host


def ran(host: Office) -> None:
    """Let what was spawned run to its end."""
    while host.spawned:
        asyncio.run(host.spawned.pop(0)[1])


def panel_of(make: Make, host: Office, width: int = 900, height: int = 600) -> PeoplePanel:
    panel = cast("PeoplePanel", make(host, lambda h: PeoplePanel(h, PeopleSettings()), width, height))
    ran(host)
    return panel


def focused(panel: PeoplePanel) -> QWidget:
    widget = panel.window().focusWidget()
    assert widget is not None
    return widget


def press(widget: QWidget, key: Qt.Key, *, control: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(widget, key, modifier)


def typed(panel: PeoplePanel, *texts: str) -> None:
    """Text into the field that has the keyboard, then Enter, for each."""
    for text in texts:
        field = focused(panel)
        assert isinstance(field, QLineEdit)
        if text.isascii():
            QTest.keyClicks(field, text)
        else:  # an input method's
            field.insert(text)
        press(focused(panel), Qt.Key.Key_Return)


def save(panel: PeoplePanel) -> None:
    press(focused(panel), Qt.Key.Key_Return, control=True)


def shown(panel: PeoplePanel) -> list[str]:
    return [row.first for row in panel.list.rows]


# ---------------------------------------------------------------- the list


def test_everybody_stands_with_roles_account_and_standing(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    assert shown(panel) == ["Chen Jianjun", "Li Weiguo", "Wang Fang", "Zheng Hai", "Hall", "Liu Qiang"]
    by_key = {row.key: row for row in panel.list.rows}
    assert by_key["li"].second == "Duty officer · whole site"
    assert by_key["li"].standing == "1 logged in"
    assert by_key["chen"].account == "no account"
    assert by_key["wang"].factors == "two factors"
    assert by_key["zheng"].standing == "locked for a while"
    assert by_key["liu"].standing == "revoked 07-17 moved away"
    assert by_key["hall"].standing == "wall"
    assert "Policy version 12 · issued 1 h ago · holds 2 d 23 h more" in panel.policy.words
    assert host.headers[-1].right == "6 people"


def test_three_hundred_people_are_found_by_typing_and_scrolled_by_keys(make: Make) -> None:
    many = tuple(person(f"p{i:03}", f"人员{i:03}", f"Officer {i:03}", account=f"user{i}") for i in range(299))
    host = office((*many, person("wang", "王芳", "Wang Fang", role="security")))
    panel = panel_of(make, host)
    assert len(panel.list.rows) == 300
    press(panel.list, Qt.Key.Key_End)
    assert panel.list.selected == "wang"
    assert panel.list.verticalScrollBar().value() == panel.list.verticalScrollBar().maximum() > 0
    panel.list.setFocus()
    QTest.keyClicks(panel.list, "O")
    QTest.keyClicks(focused(panel), "fficer 17")
    assert shown(panel) == [f"Officer 17{i}" for i in range(10)]
    assert host.headers[-1].right == "10 of 300"
    press(focused(panel), Qt.Key.Key_Escape)
    assert len(panel.list.rows) == 300
    host.language = "zh"
    panel.filter.setText("wangf")
    assert [row.key for row in panel.list.rows] == ["wang"], "a Chinese name by its pinyin"


def test_who_may_not_see_the_roster_is_told_the_rule(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(monkeypatch)
    host = office()
    host.fails = RefusedError("only for who edits people", zh="仅限人员管理")
    panel = panel_of(make, host)
    assert panel.empty_words()[0] == "People and roles are not yours to see"
    assert "only for who edits people" in panel.empty_words()[1]
    assert "not yours to see" in seen.of(panel)
    assert not panel.list.rows
    panel.do("people.add")
    assert panel.sheet is None


def test_a_node_without_people_says_so(make: Make) -> None:
    host = office()
    host.access = msgspec.structs.replace(host.access, local=True)
    host.fails = RefusedError("no role grants this")
    assert panel_of(make, host).empty_words()[0] == "No people are named yet"


def test_a_cut_link_keeps_what_was_read(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    host.fails = LinkError("cut")
    panel.update_frame(host.frame(after_s=60.0))
    ran(host)
    assert host.reads == 2
    assert len(panel.list.rows) == 6


def test_what_changed_under_a_sheet_is_read_when_it_is_left(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    panel.do("people.add")
    host.put(Person(id="li", name=Text("李卫国", "Li Weiguo")))
    panel.update_frame(host.frame(after_s=1.0))
    assert not host.spawned, "nothing is pulled from under who types"
    press(focused(panel), Qt.Key.Key_Escape)
    panel.update_frame(host.frame(after_s=2.0))
    ran(host)
    assert host.reads == 2
    panel.update_frame(host.frame(after_s=3.0))
    assert not host.spawned


def test_roles_say_in_words_what_they_allow(make: Make) -> None:
    panel = panel_of(make, office())
    panel.do("people.roles")
    by_key = {row.key: row for row in panel.roles.rows}
    assert by_key["duty"].second == "see, acknowledge alarms, shift and handover"
    assert by_key["audit"].second == "see, read the audit\nNever: export data"
    assert by_key["audit"].account == "audit administrator"
    assert by_key["wall"].account == "looks only"
    assert by_key["duty"].standing == "3 people"


def test_every_action_of_the_node_has_both_names_and_its_office() -> None:
    assert set(actions.NAMES) == {action.value for action in Action}
    assert {action.value: office.value for action, office in OFFICE_OF.items()} == actions.OFFICE_OF
    assert all(name.zh and name.en for name in actions.NAMES.values())


# ---------------------------------------------------------------- changes


def test_a_person_is_added_with_roles_and_an_account_by_keyboard(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    panel.list.setFocus()
    press(panel.list, Qt.Key.Key_Insert)
    typed(panel, "何敏", "He Min", "hemin", "duty", "")
    role = focused(panel)
    assert isinstance(role, QLineEdit)
    assert role.placeholderText() == "one more role, or Enter to go on", "and not the account yet"
    typed(panel, "audit", "")
    typed(panel, "", "", "hem", "a long first password", "a long first password")
    save(panel)
    before = len(panel.list.rows)
    assert not any(host.administered), "nothing before the node is asked"
    ran(host)
    put, account = tuple(host.administered)
    told = {"id": "hemin", "name_zh": "何敏", "name_en": "He Min", "roles": [["duty", ""], ["audit", ""]]}
    assert put == ("person.put", told)
    assert account == ("account.add", {"id": "hemin", "account": "hem", "password": "a long first password"})
    assert panel.sheet is None
    assert panel.line.state is IntentState.SAVED
    assert len(panel.list.rows) == before, "only what the node says stands in the list"
    assert host.reads == 2


def test_an_area_typed_wrong_is_not_the_whole_site(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    panel.list.setFocus()
    press(panel.list, Qt.Key.Key_Insert)
    typed(panel, "何敏", "He Min", "hemin", "duty", "nowhere at all")
    save(panel)
    ran(host)
    assert not host.administered
    assert panel.sheet is not None
    assert "nowhere at all" in panel.sheet.note.text()


def test_two_offices_in_one_hand_are_explained_and_the_nodes_words_shown(make: Make) -> None:
    host = office()
    host.answers = (Text("三员分立", "wang would hold the offices audit, security: nobody may hold two"),)
    panel = panel_of(make, host)
    panel.list.select("wang")
    press(panel.list, Qt.Key.Key_Return)
    assert panel.sheet is not None
    role = next(w for w in panel.sheet.findChildren(QWidget) if w.accessibleName() == "Role")
    role.setFocus()
    typed(panel, "audit")
    assert "nobody is both security administrator and audit administrator" in labels(panel)
    save(panel)
    ran(host)
    assert panel.sheet is not None
    assert panel.sheet.line.state is IntentState.REFUSED
    assert "nobody may hold two" in panel.sheet.line.accessibleName()


def test_a_role_is_taken_away(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    panel.list.select("li")
    panel.do("people.change")
    assert panel.sheet is not None
    tick = next(w for w in panel.sheet.findChildren(QWidget) if w.accessibleName() == "Duty officer · whole site")
    tick.setFocus()
    press(tick, Qt.Key.Key_Space)
    save(panel)
    ran(host)
    assert host.administered[0][1]["roles"] == []


def test_revoking_needs_a_reason(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    panel.list.select("li")
    panel.list.setFocus()
    press(panel.list, Qt.Key.Key_Delete)
    assert panel.sheet is not None
    assert panel.sheet.head.text() == "Revoke Li Weiguo"
    save(panel)
    assert not host.spawned
    assert "The reason is kept" in labels(panel)
    QTest.keyClicks(focused(panel), "moved away")
    save(panel)
    ran(host)
    assert host.administered == (("person.revoke", {"id": "li", "reason": "moved away"}),)


def test_a_lost_phones_second_factor_is_taken_off_with_a_reason_and_nobodys_own(make: Make) -> None:
    host = office((person("li", "李卫国", "Li Weiguo", account="liwg", two_factors=True), PEOPLE[1], PEOPLE[3]))
    panel = panel_of(make, host)
    panel.list.select("zheng")
    panel.do("people.factor_off")
    assert "no second factor" in panel.line.accessibleName()
    panel.list.select("wang")
    panel.do("people.factor_off")
    assert "account menu" in panel.line.accessibleName()
    panel.list.select("li")
    panel.do("people.factor_off")
    assert panel.sheet is not None
    save(panel)
    ran(host)
    assert not host.administered, "a reason is needed"
    typed(panel, "phone lost")
    save(panel)
    ran(host)
    assert host.administered == (("account.factor_off", {"account": "liwg", "reason": "phone lost"}),)


def test_passwords_are_typed_twice_alike_and_never_readable(make: Make) -> None:
    host = office()
    panel = panel_of(make, host)
    panel.list.select("li")
    panel.do("people.password")
    typed(panel, "a long new password", "another password")
    save(panel)
    assert not host.spawned
    assert "not the same" in labels(panel)
    assert panel.sheet is not None
    assert "password" not in str(panel.view_state()) + str(panel.evidence())


def test_an_account_that_is_refused_says_that_the_person_is_saved(make: Make) -> None:
    host = office()
    host.answers = (Text(""), Text("太短", "the password is too short"))
    panel = panel_of(make, host)
    panel.do("people.add")
    typed(panel, "何敏", "", "hemin", "", "", "hem", "short", "short")
    save(panel)
    ran(host)
    assert panel.sheet is not None
    words = panel.sheet.line.accessibleName()
    assert "The person is saved; the account is not: the password is too short" in words


@pytest.mark.parametrize(("language", "words"), [("zh", "仅限安全管理员"), ("en", "for security alone")])
def test_an_act_that_comes_to_nothing_says_why_in_the_language_of_the_screens(
    make: Make, language: str, words: str
) -> None:
    host = office(language=language)
    host.forbids = RefusedError("for security alone", zh="仅限安全管理员")
    panel = panel_of(make, host)
    panel.list.select("li")
    panel.do("people.revoke")
    save(panel)
    typed(panel, "moved away")
    save(panel)
    ran(host)
    assert panel.sheet is not None
    assert words in panel.sheet.line.accessibleName()
    assert not panel.sheet.note.isVisible(), "what lacked does not lack any more"


def test_what_this_person_may_not_do_is_disabled_with_the_rule(make: Make) -> None:
    host = office()
    host.forbidden = frozenset({"people.edit"})
    panel = panel_of(make, host)
    panel.list.select("li")
    panel.refresh()
    standing = {b.text(): (b.isEnabled(), b.accessibleDescription()) for b in panel.buttons.buttons}
    assert standing["Change"] == (False, "Your roles do not allow to change people.")
    assert standing["Revoke"][0]
    press(panel.list, Qt.Key.Key_Insert)
    assert panel.sheet is None
    assert "do not allow" in panel.line.accessibleName()


def test_a_node_without_the_key_says_where_changes_are_made(make: Make) -> None:
    host = office()
    assert host.people is not None
    host.people = msgspec.structs.replace(host.people, signs=False)
    panel = panel_of(make, host)
    assert "main node" in panel.policy.words
    assert not any(b.isEnabled() for b in panel.buttons.buttons if b.text() in ("Change", "Add a person", "Revoke"))


# ---------------------------------------------------------------- everywhere


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [520, 1400])
@pytest.mark.parametrize(
    "act", ["", "people.roles", "people.add", "people.change", "people.password", "people.revoke", "people.factor_off"]
)
def test_no_text_is_cut(make: Make, monkeypatch: pytest.MonkeyPatch, language: str, width: int, act: str) -> None:
    seen = Seen(monkeypatch)
    with saying(language, "lists_zh", "people_zh"):
        lost = person("zhou", "周敏", "Zhou Min", account="zhoum", two_factors=True)
        panel = panel_of(make, office((*PEOPLE, lost), language=language), width, 640)
        panel.list.select("zhou" if act == "people.factor_off" else "li")
        if act:
            panel.do(act)
            assert panel.sheet is not None or act == "people.roles"
        QTest.qWait(1)
        assert seen.of(panel) or panel.sheet is not None
        assert not seen.cut
        assert not cut_labels(panel)


def test_a_wall_is_shown_no_person(make: Make) -> None:
    host = office(role="wall")
    panel = panel_of(make, host, 1900, 600)
    panel.do("people.add")
    panel.update_frame(host.frame(after_s=60.0))
    ran(host)
    assert host.reads == 0
    assert not [w for w in panel.findChildren(QWidget) if w.isVisible()]
