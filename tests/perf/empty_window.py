"""The peer of benchmark `start`: imports the modules that its standard input names, shows an empty window, ends.

Imports nothing of the product; it says "painted" once its window was.
"""

from __future__ import annotations

import importlib
import json
import sys

EXPECTED = (ImportError, AttributeError, RuntimeError)
"""Names in sys.modules that are no modules to import, as compiled packages leave behind."""


def main() -> int:
    """Until the first paint."""
    for name in json.loads(sys.stdin.readline()):
        try:
            importlib.import_module(name)
        except EXPECTED:
            continue

    from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    class Paint(QObject):
        """Waits for the first paint."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, painted)
            return False

    def painted() -> None:
        print("painted", flush=True)
        QApplication.quit()

    # as any program with web views has to
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication(sys.argv[:1])
    window, paint = QWidget(), Paint()
    window.installEventFilter(paint)
    window.showMaximized()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
