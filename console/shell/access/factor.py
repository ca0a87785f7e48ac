"""The page of one's own second factor: turned on with a secret that is shown once, turned off; it knows no window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from console.shell.access.acts import AccessActs
from console.shell.access.fields import Code, Field, Press, Secret, Words, word
from console.shell.access.form import WIDE_PX, Form

GROUP: Final = 4
LONGEST_URI: Final = 4096
SIGN: Final = "*"


class FactorForm(Form):
    """Off: the password, then the secret and a first code. On: password and code, to turn it off."""

    WIDE = WIDE_PX
    masked: ClassVar[bool] = False
    """Pictures are taken of this console: a sign stands for every letter of a secret."""

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__(acts, language)
        self.whose = self.tell(Words(13, shade="text2"))
        self.key = self.tell(Words(24, bold=True))
        self.once = self.tell(Words(12, shade="text2"))
        self.uri = self.add(Field(longest=LONGEST_URI))
        self.password = self.add(Secret())
        self.code = self.add(Code())
        self._go, self._copy, self._back = Press(primary=True), Press(), Press()
        self._stood: tuple[bool, bool] | None = None
        self.finish((self._go, self.act), (self._copy, self._copied), (self._back, acts.leave_page))

    # ------------------------------------------------------------------ words

    def say(self) -> None:
        super().say()
        begun, on = self.acts.enrolment is not None, self.acts.access.two_factors
        for part in (*self._told, self.uri, self._copy):
            part.setVisible(begun)
        self.password.setVisible(not begun)
        self.code.setVisible(begun or on)
        self.uri.field.setReadOnly(True)
        self.head.setText(word("Second factor"))
        self.lead.setText(self._lead(begun=begun, on=on))
        self.password.name(word("Password"))
        self.code.name(word("Code that the authenticator shows now"))
        self.uri.name(word("The same as an address, for authenticators that take one"))
        go = word("Turn on") if begun else word("Turn off") if on else word("Go on")
        self._go.setText(word("Looking …") if self.acts.busy else go)
        self._copy.setText(word("Copy the address"))
        self._back.setText(word("Back  Esc"))
        self._show_key()
        if self._stood is not None and self._stood != (begun, on):
            self.begin()
        self._stood = begun, on

    @staticmethod
    def _lead(*, begun: bool, on: bool) -> str:
        if begun:
            return word("Type the key into the authenticator of your phone, then give the code that it shows.")
        if on:
            return word("It is on: each log-in asks for a code. Turned off, the password alone is enough again.")
        return word("Each log-in then asks for six digits from an authenticator too. Give your password again.")

    def _show_key(self) -> None:
        enrolment = self.acts.enrolment
        if enrolment is None:
            return
        secret, uri = enrolment.secret, enrolment.uri
        if self.masked:
            secret, uri = SIGN * len(secret), uri.replace(secret, SIGN * len(secret))
        self.whose.setText(" · ".join(part for part in (enrolment.issuer, enrolment.account) if part))
        self.key.setText(" ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP)))
        self.once.setText(word("It is shown this once. Your sessions at other consoles end when it is turned on."))
        if self.uri.field.text() != uri:
            self.uri.field.setText(uri)
            self.uri.field.setCursorPosition(0)

    # ------------------------------------------------------------------ hands

    def needed(self) -> Sequence[Field]:
        asked = (self.password, self.code)
        return [labelled.field for labelled in asked if not labelled.isHidden()]

    def begin(self) -> None:
        fields = self.needed()
        (next((field for field in fields if not field.text()), fields[-1])).setFocus(Qt.FocusReason.OtherFocusReason)

    def act(self) -> None:
        password, code = self.password.field.text(), self.code.field.text().strip()
        if self.acts.enrolment is not None:
            self.acts.confirm_factor(code)
        elif self.acts.access.two_factors:
            self.acts.end_factor(password, code)
        else:
            self.acts.begin_factor(password)
            self.password.field.setText("")

    def _copied(self) -> None:
        if self.acts.enrolment is not None:
            QGuiApplication.clipboard().setText(self.acts.enrolment.uri)

    def forget(self, *, secrets_only: bool = False) -> None:
        """Nothing that was typed or shown stays, on the clipboard neither."""
        super().forget(secrets_only=secrets_only)
        if secrets_only:
            return
        clipboard = QGuiApplication.clipboard()
        if "otpauth://" in clipboard.text():
            clipboard.clear()
        for words in self._told:
            words.setText("")
