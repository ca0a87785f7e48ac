"""The screens' Chinese for a test, from several files of texts; what every label of a widget says, and which is cut."""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QLabel, QWidget

TRANSLATIONS = Path(__file__).parents[2] / "resources" / "translations"


@cache
def _compiled(name: str) -> bytes:
    """The texts of a file, compiled once."""
    tool = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
    with TemporaryDirectory() as folder:
        made = Path(folder) / f"{name}.qm"
        subprocess.run([tool, "-silent", TRANSLATIONS / f"{name}.ts", "-qm", made], check=True)
        return made.read_bytes()


@contextmanager
def _installed(name: str) -> Iterator[None]:
    translator = QTranslator()
    content = _compiled(name)  # the translator reads it where it lies
    assert translator.load(content)
    QCoreApplication.installTranslator(translator)
    try:
        yield
    finally:
        QCoreApplication.removeTranslator(translator)


@contextmanager
def saying(language: str, *files: str) -> Iterator[None]:
    """The texts of `files` ("lists_zh") in `language` while the block runs."""
    with ExitStack() as stack:
        for name in files if language == "zh" else ():
            stack.enter_context(_installed(name))
        yield


def labels(widget: QWidget) -> str:
    """What the labels in sight say, a line each."""
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible() and one.text())


def cut_labels(widget: QWidget) -> list[str]:
    """Labels whose words do not fit their room."""
    found = []
    for one in widget.findChildren(QLabel):
        if one.isVisible() and one.text():
            high = one.heightForWidth(one.width()) if one.wordWrap() else one.sizeHint().height()
            wide = 0 if one.wordWrap() else one.sizeHint().width()
            if high > one.height() + 1 or wide > one.width() + 1:
                found.append(one.text())
    return found
