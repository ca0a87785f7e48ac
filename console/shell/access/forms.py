"""The pages over the tiles: log-in, first administrator, another password, locked, a wall without rights.

They say what they are for, hand what was typed to the acts and forget it; they know no window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.shell.access.acts import AccessActs
from console.shell.access.fields import Field, Labelled, Press, Refusal, Secret, Words, word
from console.shell.access.page import role_words
from widgets.kit.text import clock_text, text_width

SHORTEST: Final = 12
"""What the standard rule asks of a password's length; the node decides, this only tells while one types."""
NARROW_PX: Final = 420
WIDE_PX: Final = 640
BUTTON_PX: Final = 112.0


class Form(QWidget):
    """One page: head, what it is for, fields, what was refused, buttons. Subclasses fill it and say its words.

    Args:
        language: gives "zh" or "en".
    """

    WIDE = NARROW_PX

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__()
        self.acts, self.language = acts, language
        self.head, self.lead = Words(28, bold=True), Words(13, shade="text2")
        self.refusal = Refusal()
        self.caps = Words(12, shade="text2")
        self.fields: list[Labelled] = []
        self.buttons: list[Press] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.head)
        self._column.addWidget(self.lead)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._row = QHBoxLayout()
        self._rows = 0

    # ------------------------------------------------------------------ building

    def add(self, field: Field, *, column: int = -1) -> Labelled:
        """A field on a row of its own, or the left (0) or right (1) half of one."""
        made = Labelled(field)
        self.fields.append(made)
        self._grid.addWidget(made, self._rows, max(column, 0), 1, 2 if column < 0 else 1)
        self._rows += column != 0
        field.textEdited.connect(self._typed)
        field.entered.connect(lambda: self._entered(field))
        field.left.connect(self.acts.leave_page)
        if isinstance(field, Secret):
            field.caps.connect(self._caps)
        return made

    def finish(self, *buttons: tuple[Press, Callable[[], None]]) -> None:
        """Put fields, refusal and buttons below the head; the first button is the page's own act."""
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.caps)
        self._column.addWidget(self.refusal)
        self._column.addLayout(self._row)
        for button, act in buttons:
            self.buttons.append(button)
            button.clicked.connect(act)
            self._row.addWidget(button)
        self._row.addStretch(1)
        if not self.fields:
            self.caps.hide()

    def scaled(self, scale: float) -> None:
        """Of this size from now on."""
        parts: list[Words | Labelled | Press] = [self.head, self.lead, self.refusal, self.caps]
        for part in (*parts, *self.fields, *self.buttons):
            part.scaled(scale)
        self.caps.setFixedHeight(round(20 * scale))
        self._column.setSpacing(round(10 * scale))
        self._grid.setVerticalSpacing(round(10 * scale))
        self._grid.setHorizontalSpacing(round(16 * scale))
        self._row.setSpacing(round(8 * scale))
        for button in self.buttons:
            button.setMinimumWidth(
                round(max(BUTTON_PX * scale, text_width(button.text(), 15 * scale, True) + 32 * scale))
            )

    # ------------------------------------------------------------------ words

    def say(self) -> None:
        """All words anew, in the present language and as things stand; what was typed stays."""
        busy = self.acts.busy
        self.refusal.setText(self.acts.said.of(self.language()))
        for labelled in self.fields:
            labelled.field.setReadOnly(busy)
        for button in self.buttons:
            button.setEnabled(not busy)

    def _caps(self, on: object) -> None:
        self.caps.setText(word("Caps Lock is on") if on else "")

    def restyle(self) -> None:
        """Night became day or back."""
        for words in (self.head, self.lead, self.refusal, self.caps, *(f.label for f in self.fields)):
            words.restyle()

    # ------------------------------------------------------------------ hands

    def _typed(self, _text: str) -> None:
        self.acts.typing()

    def _entered(self, field: Field) -> None:
        """Enter goes to the next empty field that has to be filled, and from the last one does the act."""
        empty = next((needed for needed in self.needed() if not needed.text()), None)
        if empty is not None and empty is not field:
            empty.setFocus(Qt.FocusReason.TabFocusReason)
        elif empty is None:
            self.act()

    def needed(self) -> Sequence[Field]:
        """Fields that may not be empty."""
        return [labelled.field for labelled in self.fields]

    def act(self) -> None:
        """What the page is for."""
        raise NotImplementedError

    def begin(self) -> None:
        """The keys go to the first field that is empty."""
        fields = [labelled.field for labelled in self.fields]
        first = next((field for field in fields if not field.text()), None) or next(iter(fields), None)
        target: QWidget | None = first or next(iter(self.buttons), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self, *, secrets_only: bool = False) -> None:
        """Nothing that was typed stays."""
        for labelled in self.fields:
            if not secrets_only or isinstance(labelled.field, Secret):
                labelled.field.setText("")
        self.caps.setText("")

    def refused(self) -> None:
        """The node said no: the secrets are typed again."""
        self.forget(secrets_only=True)
        self.begin()


class LoginForm(Form):
    """Name, password and, where the account has one, a code."""

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.name = self.add(Field(longest=64))
        self.password = self.add(Secret())
        self.code = self.add(Field(longest=12))
        self.code.field.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self._go = Press(primary=True)
        self.finish((self._go, self.act))

    def say(self) -> None:
        super().say()
        reason = self.acts.access.reason.of(self.language())
        self.head.setText(word("Log in"))
        lead = word("Until somebody logs in, this screen shows neither data nor alarms.")
        self.lead.setText(f"{reason}\n{lead}" if reason else lead)
        self.name.name(word("Name"))
        self.password.name(word("Password"))
        self.code.name(word("Code of the second factor, where the account has one"))
        self._go.setText(word("Looking …") if self.acts.busy else word("Log in"))

    def begin(self) -> None:
        if self.acts.account and not self.name.field.text():
            self.name.field.setText(self.acts.account)
        super().begin()

    def needed(self) -> Sequence[Field]:
        return [self.name.field, self.password.field]

    def act(self) -> None:
        self.acts.login(self.name.field.text(), self.password.field.text(), self.code.field.text().strip())

    def refused(self) -> None:
        self.code.field.setText("")
        super().refused()


class NewPassword:
    """Two fields for one new password, and how near it is to the rule while it is typed."""

    def __init__(self, form: Form) -> None:
        self.first = form.add(Secret(), column=0)
        self.again = form.add(Secret(), column=1)
        self.rule = Words(12, shade="text2")
        for labelled in (self.first, self.again):
            labelled.field.textChanged.connect(self._judge)

    def say(self) -> None:
        """Labels and rule anew."""
        self.first.name(word("New password"))
        self.again.name(word("The same again"))
        self._judge("")

    def _judge(self, _text: str) -> None:
        one, two = self.first.field.text(), self.again.field.text()
        short = SHORTEST - len(one)
        if not one:
            said = word("At least 12 characters; some words in a row are best. The node looks for easy ones.")
        elif short > 0:
            said = word("{count} more characters").format(count=short)
        elif not two:
            said = word("Long enough. Now the same again.")
        elif one.startswith(two) and one != two:
            said = word("The same so far")
        elif one != two:
            said = word("The two are not the same")
        else:
            said = word("Both are the same")
        self.rule.setText(said)

    @property
    def ready(self) -> bool:
        """Whether it can be sent: long enough and twice the same."""
        return len(self.first.field.text()) >= SHORTEST and self.first.field.text() == self.again.field.text()


class FirstForm(Form):
    """The first administrator of a site, by the code that the node printed where it was started."""

    WIDE = WIDE_PX

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.code = self.add(Field(longest=40))
        self.site = self.add(Field(longest=80), column=0)
        self.person = self.add(Field(longest=64), column=1)
        self.name = self.add(Field(longest=64))
        self.new = NewPassword(self)
        self._go, self._back = Press(primary=True), Press()
        self._grid.addWidget(self.new.rule, self._rows, 0, 1, 2)
        self.finish((self._go, self.act), (self._back, acts.leave_page))

    def scaled(self, scale: float) -> None:
        super().scaled(scale)
        self.new.rule.scaled(scale)

    def restyle(self) -> None:
        super().restyle()
        self.new.rule.restyle()

    def say(self) -> None:
        super().say()
        self.head.setText(word("First administrator"))
        self.lead.setText(
            word(
                "The node shows a code in the terminal in which it was started; without one it lies in the file "
                "first-code of its data folder. A restart makes another. With it you become security administrator."
            )
        )
        self.code.name(word("Code"))
        self.site.name(word("Name of the site"))
        self.person.name(word("Your name"))
        self.name.name(word("Log-in name"))
        self.new.say()
        self._go.setText(word("Looking …") if self.acts.busy else word("Create"))
        self._back.setText(word("Back  Esc"))
        self._back.setVisible(self.acts.optional)

    def act(self) -> None:
        if self.new.ready:
            fields = (self.code, self.site, self.name, self.person, self.new.first)
            code, site, name, person, password = (labelled.field.text() for labelled in fields)
            self.acts.first(code.strip(), site.strip(), name.strip(), person.strip(), password)
        else:
            self.new.again.field.setFocus(Qt.FocusReason.OtherFocusReason)


class ChangeForm(Form):
    """Another password: because it was given by somebody else, or because one wants to."""

    WIDE = WIDE_PX

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.old = self.add(Secret(), column=0)
        self.code = self.add(Field(longest=12), column=1)
        self.new = NewPassword(self)
        self._go, self._back = Press(primary=True), Press()
        self._grid.addWidget(self.new.rule, self._rows, 0, 1, 2)
        self.finish((self._go, self.act), (self._back, self._leave))

    def scaled(self, scale: float) -> None:
        super().scaled(scale)
        self.new.rule.scaled(scale)

    def restyle(self) -> None:
        super().restyle()
        self.new.rule.restyle()

    def say(self) -> None:
        super().say()
        must = self.acts.access.change_next
        self.head.setText(word("A password of your own") if must else word("Change password"))
        self.lead.setText(
            word("The present one was given to you by somebody else. Nothing else is possible before it is changed.")
            if must
            else word("Your sessions at other consoles end with it.")
        )
        self.old.name(word("Present password"))
        self.code.name(word("Code, where there is one"))
        self.new.say()
        self._go.setText(word("Looking …") if self.acts.busy else word("Change"))
        self._back.setText(word("Log out") if must else word("Back  Esc"))

    def _leave(self) -> None:
        if self.acts.access.change_next:
            self.acts.logout()
        else:
            self.acts.leave_page()

    def needed(self) -> Sequence[Field]:
        return [self.old.field, self.new.first.field, self.new.again.field]

    def act(self) -> None:
        if self.new.ready:
            old, new = self.old.field.text(), self.new.first.field.text()
            self.acts.change_password(old, new, self.code.field.text().strip())
        else:
            self.new.again.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def refused(self) -> None:
        self.code.field.setText("")
        super().refused()


class LockedForm(Form):
    """The same person again, or another one."""

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.password = self.add(Secret())
        self.code = self.add(Field(longest=12))
        self._go, self._switch = Press(primary=True), Press()
        self.finish((self._go, self.act), (self._switch, acts.logout))

    def say(self) -> None:
        super().say()
        access, language = self.acts.access, self.language()
        who = " · ".join(part for part in (access.name.of(language), role_words(access, language)) if part)
        since = clock_text(self.acts.locked_ns, seconds=False)
        self.head.setText(word("Locked"))
        said = word("{who}, since {time}. Strip, sound and clock go on.")
        self.lead.setText(said.format(who=who, time=since))
        self.password.name(word("Password"))
        self.code.name(word("Code of the second factor, where the account has one"))
        self._go.setText(word("Looking …") if self.acts.busy else word("Unlock"))
        self._switch.setText(word("Somebody else"))

    def needed(self) -> Sequence[Field]:
        return [self.password.field]

    def act(self) -> None:
        self.acts.unlock(self.password.field.text(), self.code.field.text().strip())

    def refused(self) -> None:
        self.code.field.setText("")
        super().refused()


class LostForm(Form):
    """A wall that may not look: it says so, and whom to ask."""

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.finish()

    def say(self) -> None:
        super().say()
        self.head.setText(word("This wall may not look any more"))
        reason = self.acts.access.reason.of(self.language())
        ask = word("Have the security administrator look at its certificate and role.")
        self.lead.setText(f"{reason}\n{ask}" if reason else ask)
        self.refusal.setText("")

    def needed(self) -> Sequence[Field]:
        return []

    def act(self) -> None:
        """It has no hands."""
