"""The board matrix as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class BoardMatrixSettings(Value, frozen=True):
    """`level`: the areas that stand as columns are the children of `area` ("" the root)."""

    area: str = ""


SPEC = PanelSpec(
    id="board_matrix",
    title=Text("四板块总览", "Four boards"),
    factory="widgets.board_matrix.panel:BoardMatrixPanel",
    settings=BoardMatrixSettings,
)
