"""A person at the keyboard of an incident's detail, the hosts it stands on, and what it shows."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from console.api import ActStanding, Answer, IntentState
from tests.fakes import NOW_NS, FakeHost
from tests.qt.panel_making import Make
from tests.qt.seen import Seen
from widgets.incidents.detail import IncidentPanel
from widgets.incidents.form import Form
from widgets.incidents.paint import Painter
from widgets.incidents.spec import IncidentSettings

CONTROL = Qt.KeyboardModifier.ControlModifier
ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape


class Hands:
    """A person at the keyboard; every key, and the text typed into one field, is one action."""

    def __init__(self, panel: Any) -> None:
        self.panel, self.actions = panel, 0

    @property
    def form(self) -> Form:
        form: Form | None = self.panel.acting.form
        assert form is not None, "a form is open"
        return form

    @property
    def field(self) -> Any:
        """What has the focus of the form."""
        window = self.panel.window()
        field = window.focusWidget()
        assert field is not None
        return field

    def command(self, command_id: str) -> None:
        """The command's key, as the registry runs it."""
        self.actions += 1
        self.panel.do(command_id)

    def type(self, text: str) -> None:
        self.actions += 1
        field = self.field
        assert isinstance(field, QLineEdit), f"typing into {field.accessibleName()}"
        field.insert(text)  # as an input method commits it
        field.textEdited.emit(field.text())

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.actions += 1
        QTest.keyClick(self.field, key, modifiers)


def answered(host: FakeHost) -> None:
    """Let what was sent come to its end."""
    work = [w for _, w in host.spawned]
    host.spawned.clear()
    for one in work:
        with pytest.raises(StopIteration):
            one.send(None)


def detail(make: Make, host: FakeHost, width: int = 640, height: int = 760) -> Any:
    panel = make(host, lambda h: IncidentPanel(h, IncidentSettings()), width, height)
    panel.activateWindow()
    return panel


class CutHost(FakeHost):
    """A host whose acts wait to be sent, as the console's own do."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.answer = Answer(id="1", state=IntentState.PENDING)
        self.waits = True

    def act(self, entity: str) -> ActStanding | None:
        done = next((name for name, of, _ in self.intents if of == entity), "")
        if done and self.waits and entity not in self.acts:
            return ActStanding(name=done, entity=entity, state=IntentState.PENDING, since_ns=NOW_NS)
        return self.acts.get(entity)


def saved(host: FakeHost) -> None:
    host.answer = Answer(id="1", state=IntentState.SAVED)


def lacking_words(form: Form) -> str:
    label = form._lacks
    return label.text() if not label.isHidden() else ""


class Watching(Seen):
    """Also what the detail wraps, which is never cut."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        super().__init__(patch)
        wrapped = Painter._wrapped

        def written(painter: Painter, p: QPainter, rect: QRectF, text: str, *more: Any) -> None:
            self.texts.append(text)
            wrapped(painter, p, rect, text, *more)

        patch.setattr(Painter, "_wrapped", written)
