"""What most panels have in common: host, settings, scale, a frozen picture; knows nothing of what any of them shows."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtWidgets import QWidget

from console.api import EvidenceDraft, Frame, Host, Text, Value
from widgets.kit.buttons import control_px
from widgets.kit.tokens import look

S = TypeVar("S", bound=Value)
DESK_PX = 13.0


class PanelBody(QWidget, Generic[S]):
    """Subclass it and write `update_frame`; the rest has sensible defaults. `S` is the settings' type."""

    title = Text("")

    def __init__(self, host: Host, settings: S) -> None:
        super().__init__()
        self.host = host
        self.settings: S = settings
        self.now_ns = host.now_ns
        look.changed.connect(self._look_changed)

    def px(self, desk: float) -> float:
        """A desk size in this screen's logical px: everything grows with the body text."""
        return desk * self.host.text_px / DESK_PX

    @property
    def control_px(self) -> float:
        """Height of one control on this screen."""
        return control_px(self.px, least=self.host.target_px)

    @property
    def english(self) -> bool:
        """Whether the screens speak English now."""
        return self.host.language == "en"

    def _look_changed(self, _tokens: object) -> None:
        self.repaint_all()

    def repaint_all(self) -> None:
        """Schedule painting of this and of all in it: an opaque child is not painted with its parent."""
        self.update()
        for child in self.findChildren(QWidget):
            child.update()

    # ------------------------------------------------------------------ console.api.Panel

    def update_frame(self, frame: Frame) -> None:
        """Take what changed."""
        raise NotImplementedError

    def configure(self, settings: Any) -> None:
        """Take new settings, or the same after a change of language."""
        self.settings = settings
        self.repaint_all()

    def view_state(self) -> dict[str, Any]:
        """Nothing to remember."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing to restore."""

    def evidence(self) -> Any:
        """What is shown, JSON-able; a subclass says it."""
        return None

    def freeze(self) -> EvidenceDraft:
        """What is shown now, as data and picture."""
        held = QByteArray()
        out = QBuffer(held)
        out.open(QIODevice.OpenModeFlag.WriteOnly)
        self.grab().save(out, "PNG")
        source = self.host.link.node_name
        return EvidenceDraft(
            title=self.title, t_ns=self.host.now_ns, source=source, data=self.evidence(), png=bytes(held.data())
        )

    def close_panel(self) -> None:
        """Let go of what outlives a widget."""
        look.changed.disconnect(self._look_changed)
