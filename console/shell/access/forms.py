"""The pages for who comes back or cannot: log-in, locked, a wall without rights.

They say what they are for, hand what was typed to the acts and forget it; they know no window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from console.shell.access.acts import AccessActs
from console.shell.access.fields import Code, Field, Press, Secret, word
from console.shell.access.form import Form
from console.shell.access.page import role_words
from widgets.kit.text import clock_text


class LoginForm(Form):
    """Name, password and, where the account has one, a code."""

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.name = self.add(Field(longest=64))
        self.password = self.add(Secret())
        self.code = self.add(Code())
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


class LockedForm(Form):
    """The same person again, or another one."""

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.password = self.add(Secret())
        self.code = self.add(Code())
        self._go, self._switch = Press(primary=True), Press()
        self.finish((self._go, self.act), (self._switch, acts.logout))

    def say(self) -> None:
        super().say()
        access, language = self.acts.access, self.language()
        who = " · ".join(part for part in (access.name.of(language), role_words(access, language)) if part)
        since = clock_text(self.acts.locked_ns, seconds=False)
        self.head.setText(word("Locked"))
        said = word("{who}, since {time}. Strip, sound and clock go on.")
        if self.acts.unseen:
            said = word("{who}, since {time}. The clock goes on; no alarm is shown or sounds here.")
        self.lead.setText(said.format(who=who, time=since))
        self.password.name(word("Password"))
        self.code.name(word("Code of the second factor, where the account has one"))
        self._go.setText(word("Looking …") if self.acts.busy else word("Unlock"))
        self._switch.setText(word("Somebody else"))

    def needed(self) -> Sequence[Field]:
        return [self.password.field]

    def act(self) -> None:
        self.acts.unlock(self.password.field.text(), self.code.field.text().strip())


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
