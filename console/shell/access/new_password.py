"""The pages on which a new password is typed: the first administrator's, and a change; they know no window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt

from console.shell.access.acts import AccessActs
from console.shell.access.fields import Code, Field, Press, Secret, Words, word
from console.shell.access.form import WIDE_PX, Form

SHORTEST: Final = 12
"""What the standard rule asks of a password's length; the node decides, this only tells while one types."""


class NewPassword:
    """Two fields for one new password, and how near it is to the rule while it is typed."""

    def __init__(self, form: Form) -> None:
        self.first = form.add(Secret(), column=0)
        self.again = form.add(Secret(), column=1)
        self.rule = form.tell(Words(12, shade="text2"))
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
        self.finish((self._go, self.act), (self._back, acts.leave_page))

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
        self.code = self.add(Code(), column=1)
        self.new = NewPassword(self)
        self._go, self._back = Press(primary=True), Press()
        self.finish((self._go, self.act), (self._back, self._leave))

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
