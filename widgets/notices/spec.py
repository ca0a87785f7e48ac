"""The list of system notices as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class NoticesSettings(Value, frozen=True):
    """Nothing can be set."""


SPEC = PanelSpec(
    id="notices",
    title=Text("通知", "Notices"),
    factory="widgets.notices.panel:NoticesPanel",
    settings=NoticesSettings,
    live=True,
)
