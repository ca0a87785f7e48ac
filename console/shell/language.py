"""The language of the screens, switched while running; knows the compiled translations and no window."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal

Code = Literal["zh", "en"]


class Language(QObject):
    """Installs and removes the translators; source texts are English, so "en" needs none.

    Signals:
        changed: the new code, after all translators are in place.

    Args:
        folder: where the compiled translations (*.qm) lie; one that does not exist leaves the texts English.
    """

    changed = Signal(object)

    def __init__(self, folder: Path, code: Code = "zh") -> None:
        super().__init__()
        self._folder = folder
        self._translators: list[QTranslator] = []
        self._code: Code = code
        self._install()

    @property
    def code(self) -> Code:
        """ "zh" or "en"."""
        return self._code

    def set(self, code: Code) -> None:
        """Switch; everything on screen is painted anew."""
        if code == self._code:
            return
        self._code = code
        self._install()
        self.changed.emit(code)

    def toggle(self) -> None:
        """The other of the two."""
        self.set("en" if self._code == "zh" else "zh")

    def close(self) -> None:
        """Remove all translators; part of the written shutdown."""
        for translator in self._translators:
            QCoreApplication.removeTranslator(translator)
        self._translators.clear()

    def _install(self) -> None:
        self.close()
        QLocale.setDefault(QLocale("zh_CN" if self._code == "zh" else "en_GB"))
        if self._code != "zh":
            return
        qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / "qtbase_zh_CN.qm"
        for file in [qt, *sorted(self._folder.glob("*.qm"))]:
            translator = QTranslator()
            if translator.load(str(file)):
                QCoreApplication.installTranslator(translator)
                self._translators.append(translator)
