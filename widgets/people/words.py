"""The words of people and roles; knows none of them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def tr(source: str) -> str:
    """The text in the language of the screens."""
    return QCoreApplication.translate("People", source)
