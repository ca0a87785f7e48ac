"""The board matrix as a declaration; Qt-free."""

from __future__ import annotations

from console.api import Board, PanelSpec, Text, Value
from widgets.kit.subject import About


class BoardMatrixSettings(Value, frozen=True):
    """`area`: the areas that stand as columns are its children ("" the root's).

    `boards`: only rows of these boards ("lifeline", "public", "production", "natural"), none: all. `about` "subject":
    the area of the incident that is selected, on a wall its scene's, stands first and is marked.
    """

    area: str = ""
    boards: tuple[Board, ...] = ()
    about: About = ""


SPEC = PanelSpec(
    id="board_matrix",
    title=Text("四板块总览", "Four boards"),
    factory="widgets.board_matrix.panel:BoardMatrixPanel",
    settings=BoardMatrixSettings,
)
