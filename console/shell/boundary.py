"""The last net: an exception out of a Qt virtual method (a paint event, a mouse event) finds the tile it came from."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

import shiboken6
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from console.api import Notice, Severity, Text
from console.shell.notices import Notices
from console.shell.tile import Tile

log = logging.getLogger(__name__)


def tile_of(trace: TracebackType | None) -> Tile | None:
    """The tile whose panel's method stands in the traceback, None when there is none."""
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        if isinstance(owner, QWidget) and shiboken6.isValid(owner):
            widget: QWidget | None = owner
            while widget is not None and not isinstance(widget, Tile):
                widget = widget.parentWidget()
            if isinstance(widget, Tile):
                return widget
        trace = trace.tb_next
    return None


def grabbed(widget: QWidget) -> QPixmap:
    """A picture of a widget as it is painted now; null where a tile fails at that, which then fails alone."""
    try:
        return widget.grab()
    except Exception as error:  # what Qt asks a tile to paint for this call comes out of the call, not to the net
        _hook(type(error), error, error.__traceback__)
        return QPixmap()


_notices: Notices | None = None


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    tile = tile_of(trace)
    if tile is not None and isinstance(error, Exception):
        tile.fail(error)
    elif issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.error("unexpected", exc_info=(kind, error, trace))
        if _notices is not None:
            summary = Text("界面内部错误，已记入日志", "An internal error of the screens, see the log")
            said = f"{kind.__name__}: {error}"[:300]
            _notices.raise_(Notice(key="shell.unexpected", severity=Severity.ERROR, summary=summary, detail=said))


def install(notices: Notices | None = None) -> None:
    """Route what no `try` saw to its tile, and the rest to the log and a notice; `remove` undoes it."""
    global _notices
    _notices = notices
    sys.excepthook = _hook


def remove() -> None:
    """Give Python its own hook back."""
    global _notices
    _notices = None
    sys.excepthook = sys.__excepthook__
