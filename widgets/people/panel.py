"""People and roles of the site, for who may see them: found by typing, changed by sheets, each answer shown.

Nothing is shown as done before the node says so; the list is then read anew. On a wall nothing is shown.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from console.api import (
    NS,
    Area,
    Frame,
    Header,
    Host,
    IntentState,
    Person,
    RefusedError,
    Roster,
    RosterPerson,
    Text,
    YilanError,
)
from widgets.kit.acts import failure_words
from widgets.kit.body import PanelBody
from widgets.kit.buttons import ActButton, ActLine, ButtonRows, Px
from widgets.kit.fields import ENTER
from widgets.kit.finding import pinyin
from widgets.kit.pages import SheetPages
from widgets.kit.sheet import Sheet
from widgets.kit.text import age_text, draw_elided, duration_text, font
from widgets.kit.tokens import look
from widgets.people.rows import LEFT, PeopleList, RoleList, Row, found, person_row, role_rows
from widgets.people.sheets import Asked, Filled, Sheets
from widgets.people.spec import ACCOUNT, EDIT, FACTOR, FIND, PASSWORD, PUT, REVOKE, ROLES, PeopleSettings
from widgets.people.words import tr

EDITS: Final = "people.edit"
REVOKES: Final = "people.revoke"


class PolicyLine(QWidget):
    """One line: which version of the policy, how old, how long it holds, whether changes can be signed here."""

    def __init__(self, px: Px) -> None:
        super().__init__()
        self._px = px
        self.words = ""
        self.setFixedHeight(round(px(28)))

    def tell(self, words: str) -> None:
        """Show this."""
        if words != self.words:
            self.words = words
            self.setAccessibleName(words)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p, px, t = QPainter(self), self._px, look.tokens
        p.fillRect(event.rect(), t.tile)
        p.fillRect(QRectF(0, self.height() - 1, self.width(), 1), t.line)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(px(12), 0, self.width() - px(24), self.height()), LEFT, self.words)


class PeoplePanel(PanelBody[PeopleSettings]):
    """See the module. Typing finds, Enter changes, Insert adds, Delete revokes, Esc goes back."""

    title = Text("人员与角色", "People and roles")

    def __init__(self, host: Host, settings: PeopleSettings) -> None:
        super().__init__(host, settings)
        self.roster: Roster | None = None
        self.refused: tuple[str, str] | None = None
        self._reading = False
        self._read_ns = 0
        self._minute = -1
        self._access: object = None
        self._news = False
        self._buttons_told: object = None
        self._sheets = Sheets(host, self.px)
        self.list, self.roles = PeopleList(host, self.px, self.empty_words), RoleList(self.px, self.empty_words)
        self.policy = PolicyLine(self.px)
        self.buttons = ButtonRows(self.px)
        self.line = ActLine(self.px)
        self.filter = QLineEdit()
        self.filter.setFont(font(self.px(14)))
        self.filter.installEventFilter(self)
        self.filter.textChanged.connect(lambda _text: self.refresh())
        self._pages = SheetPages(self._list_page())
        self._pages.left.connect(self.list.setFocus)
        self._pages.setVisible(host.role != "wall")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.list.typed.connect(self._type)
        self.list.asked.connect(lambda name: self.begin(PUT if name == "put" else REVOKE))
        self.list.opened.connect(lambda _key: self.begin(EDIT))
        self.list.chosen.connect(lambda _key: self._tell_buttons())
        self.setFocusProxy(self.list)

    def _list_page(self) -> QWidget:
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        row = QHBoxLayout()
        margin = round(self.px(8))
        row.setContentsMargins(margin, margin, margin, margin)
        self.filter.setFixedHeight(round(self.control_px))
        self.turn = ActButton("", "", self.px, self.control_px)
        self.turn.clicked.connect(self._turn)
        row.addWidget(self.filter, 1)
        row.addWidget(self.turn)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.roles)
        inner.addWidget(self.policy)
        inner.addLayout(row)
        inner.addWidget(self._lists, 1)
        inner.addWidget(self.line)
        inner.addWidget(self.buttons)
        return page

    @property
    def sheet(self) -> Sheet | None:
        """What lies over the list, None nothing."""
        return self._pages.sheet

    # ------------------------------------------------------------------ reading

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        if self.host.role == "wall":
            self.host.header(Header())
            return
        self._news |= Person.CLS in frame.entities
        changed = self.host.access is not self._access or self._news
        due = frame.now_ns - self._read_ns > self.settings.read_every_s * NS
        if not self._reading and self.sheet is None and (frame.seeked or changed or due):
            self.read()
        if frame.seeked or Area.CLS in frame.entities or frame.now_ns // (60 * NS) != self._minute:
            self._minute = frame.now_ns // (60 * NS)
            self.refresh()

    def read(self) -> None:
        """Ask the node for the list."""
        self._reading, self._read_ns = True, self.host.now_ns
        self._access, self._news = self.host.access, False
        self.host.spawn("people", self._read())

    async def _read(self) -> None:
        try:
            self.roster, self.refused = await self.host.roster(), None
        except RefusedError as error:
            words = failure_words(error).of(self.host.language)
            rule = tr("Only who may change or revoke people sees them. The node says: {words}").format(words=words)
            self.roster, self.refused = None, (tr("People and roles are not yours to see"), rule)
        except YilanError as error:  # what was read stays, with its age
            if self.roster is None:
                self.refused = (tr("The node cannot be reached"), failure_words(error).of(self.host.language))
        finally:
            self._reading = False
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        if self.host.role == "wall":
            return
        roster = self.roster
        everyone: list[Row] = []
        if roster is not None:
            people = sorted(roster.people, key=self._place)
            everyone = [person_row(self.host, roster, person) for person in people]
        rows = found(everyone, self.filter.text())
        if rows != self.list.rows or not rows:
            self.list.show_rows(rows)
        if self.list.selected not in self.list.keys and rows:
            self.list.select(rows[0].key)
        self.roles.show_rows(role_rows(self.host, roster) if roster is not None else [])
        self._tell_policy()
        self._tell_buttons()
        self._tell_header(len(everyone), len(rows))

    def _place(self, person: RosterPerson) -> tuple[bool, bool, str]:
        """Where a person stands: who acts, walls, the revoked; each by name, Chinese as it is spoken."""
        return bool(person.revoked_ns), person.wall, pinyin(person.name.of(self.host.language))[1]

    def _tell_header(self, everyone: int, shown: int) -> None:
        right = tr("{count} people").format(count=everyone) if self.roster is not None else ""
        if self.filter.text().strip() and self.roster is not None:
            right = tr("{shown} of {count}").format(shown=shown, count=everyone)
        scope = self.roster.site if self.roster is not None else ""
        self.host.header(Header(scope=scope, right=right, data_ns=self._read_ns if self.roster is not None else 0))

    def _tell_policy(self) -> None:
        self.policy.setVisible(self.roster is not None)
        if self.roster is None:
            return
        r, language = self.roster, self.host.language
        age = age_text((self.now_ns - r.issued_ns) / NS, language)
        left_s = (r.expires_ns - self.now_ns) / NS
        words = [tr("Policy version {number}").format(number=r.version), tr("issued {age} ago").format(age=age)]
        span = duration_text(abs(left_s) - abs(left_s) % 60, language)
        words.append((tr("holds {span} more") if left_s > 0 else tr("expired {span} ago")).format(span=span))
        words.append(tr("changes are signed here") if r.signs else tr("changes are made on the site's main node"))
        self.policy.tell(" · ".join(words))

    def _tell_buttons(self) -> None:
        on_roles = self._lists.currentIndex() == 1
        self.turn.setText(tr("People") if on_roles else tr("Roles"))
        self.turn.setFixedWidth(self.turn.sizeHint().width())
        self.turn.update()
        self.filter.setPlaceholderText(tr("Type a name, account, role or area"))
        self.filter.setEnabled(not on_roles)
        for widget in (self.filter, self.turn):
            widget.setVisible(self.roster is not None)
        person = self.person()
        who = person.name.of(self.host.language) if person is not None else ""
        acts = [
            (PUT, tr("Add a person"), "Ins"),
            (EDIT, tr("Change"), "Enter"),
            (PASSWORD if person is not None and person.account else ACCOUNT,
             tr("New password") if person is not None and person.account else tr("Give account"), ""),
            *([(FACTOR, tr("Second factor off"), "")] if person is not None and person.two_factors else []),
            (REVOKE, tr("Revoke"), "Del"),
        ]  # fmt: skip
        signature = (on_roles, self.roster is None, [(a, w, self._rule(a)) for a, w, _ in acts], who)
        if signature == self._buttons_told:
            return
        self._buttons_told = signature
        made = []
        for act, word, keys in acts if self.roster is not None and not on_roles else []:
            button = ActButton(word, keys, self.px, self.control_px)
            rule = self._rule(act)
            button.setEnabled(not rule)
            button.setToolTip(rule)
            button.setAccessibleDescription(rule or who)
            button.clicked.connect(lambda _on=False, act=act: self.begin(act))
            made.append(button)
        self.buttons.set_buttons(made)

    def _rule(self, act: str) -> str:
        """Why this act is not possible now, "" where it is; the node decides all the same."""
        person = self.person()
        if self.roster is None:
            return tr("Nothing was read yet.")
        if act == REVOKE:
            if not self.host.may(REVOKES) and not self.host.may(EDITS):
                return tr("Your roles do not allow to revoke.")
        elif not self.host.may(EDITS):
            return tr("Your roles do not allow to change people.")
        if act in (PUT, EDIT, REVOKE) and not self.roster.signs:
            return tr("This node does not hold the site's key; changes are made on the main node.")
        if act == PUT:
            return ""
        if person is None:
            return tr("Nobody is chosen.")
        if person.revoked_ns:
            return tr("Who is revoked stays so.")
        if act in (ACCOUNT, PASSWORD) and person.wall:
            return tr("A wall has a certificate, no account.")
        if act == FACTOR and not person.two_factors:
            return tr("There is no second factor to take off.")
        if act == FACTOR and person.id == self.host.access.person:
            return tr("Your own is turned off in the account menu.")
        return ""

    def person(self) -> RosterPerson | None:
        """Who is chosen."""
        if self.roster is None:
            return None
        return next((p for p in self.roster.people if p.id == self.list.selected), None)

    def empty_words(self) -> tuple[str, str]:
        """What stands where nobody does."""
        if self.refused is not None and self.host.access.local:
            words = tr("Who sits here acts without a log-in. Once an administrator is named, people stand here.")
            return tr("No people are named yet"), words
        if self.refused is not None:
            return self.refused
        if self.roster is None:
            return tr("Being read"), tr("The node is asked for people and roles.")
        return tr("Nobody found"), tr("Nothing of a person holds what was typed. Esc takes it back.")

    # ------------------------------------------------------------------ commands

    def do(self, command_id: str) -> None:
        """Carry out a command of the spec."""
        if self.host.role == "wall":
            return
        if command_id == FIND:
            self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif command_id == ROLES:
            self._turn()
        else:
            self.begin(command_id)

    def _turn(self) -> None:
        if self.sheet is None:
            self._lists.setCurrentIndex(1 - self._lists.currentIndex())
            (self.roles if self._lists.currentIndex() else self.list).setFocus()
            self.refresh()

    def _type(self, text: object) -> None:
        if self.filter.isEnabled():
            self.filter.setFocus()
            self.filter.insert(str(text))

    def begin(self, act: str) -> None:
        """Open the sheet of an act, or say why it is not possible."""
        rule, person, roster = self._rule(act), self.person(), self.roster
        if rule or roster is None:
            self.line.stand(IntentState.REFUSED, reason=rule)
            return
        self.line.stand(None)
        if act == PUT:
            self._ask(*self._sheets.put(roster, None))
        elif person is None:
            return
        elif act == EDIT:
            self._ask(*self._sheets.put(roster, person))
        elif act == REVOKE:
            self._ask(*self._sheets.revoke(person))
        elif act == FACTOR:
            self._ask(*self._sheets.factor_off(person))
        else:
            self._ask(*self._sheets.account(person))

    def _ask(self, sheet: Sheet, filled: Filled) -> None:
        self._pages.ask(sheet, filled, lambda asked: self.host.spawn("administer", self._send(sheet, asked)))

    async def _send(self, sheet: Sheet, asked: Asked) -> None:
        done: list[str] = []
        for act, arguments in asked:
            reason = await self._administer(act, arguments)
            if reason:
                words = tr("The person is saved; the account is not: {reason}") if done else "{reason}"
                sheet.stand(IntentState.REFUSED, words.format(reason=reason))
                self.read()
                return
            done.append(act)
        if self.sheet is sheet:
            self._pages.leave()
            self.line.stand(IntentState.SAVED, sheet.head.text())
        self.read()

    async def _administer(self, act: str, arguments: dict[str, Any]) -> str:
        try:
            return (await self.host.administer(act, **arguments)).of(self.host.language)
        except YilanError as error:
            return failure_words(error).of(self.host.language)

    # ------------------------------------------------------------------ Qt and the host

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.filter or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if event.type() is QEvent.Type.ShortcutOverride and key == Qt.Key.Key_Escape:
            event.accept()
            return True
        if event.type() is not QEvent.Type.KeyPress:
            return False
        if key == Qt.Key.Key_Escape:
            self.filter.clear()
            self.list.setFocus()
            return True
        if key in ENTER or key == Qt.Key.Key_Down:
            self.list.setFocus()
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.list.show_rows(self.list.rows)
        self.roles.show_rows(self.roles.rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t = QPainter(self), look.tokens
        p.fillRect(event.rect(), t.tile)
        if self.host.role == "wall":
            p.setFont(font(self.host.text_px))
            p.setPen(t.text2)
            edge = round(self.host.text_px * 0.5)
            box = self.rect().adjusted(edge, edge, -edge, -edge)
            wrap = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value
            p.drawText(box, wrap, tr("People and roles are not shown on walls."))

    def configure(self, settings: Any) -> None:
        """Take new settings; words are made anew."""
        super().configure(settings)
        self._buttons_told = None
        self._pages.leave()
        self.refresh()

    def _look_changed(self, tokens: object) -> None:
        if self.sheet is not None:
            self.sheet.restyle()
        super()._look_changed(tokens)

    def evidence(self) -> Any:
        """How many, and by which policy; never who."""
        if self.roster is None:
            return None
        return {"people": len(self.roster.people), "policy_version": self.roster.version}
