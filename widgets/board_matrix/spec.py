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
    help=Text(
        "四个板块、各领域、各新城，一格一处；细横条是最差一路离其限值多近，过七成变亮，报警填色并给条数。\n"
        "↑ ↓ ← →\t移到一格\n"
        "Enter\t选中该格里最差的一路\n"
        "紫 ✕\t该处有传感器停报\n"
        "空\t该处没有传感器",
        "One cell for each domain of the four boards and each new town. The thin bar is how near the "
        "worst stream is to its limit, brighter past 70 %; an alarm fills the cell and counts.\n"
        "↑ ↓ ← →\tgo to a cell\n"
        "Enter\tselect the worst stream in it\n"
        "violet ✕\tsensors there have fallen silent\n"
        "no cell\tno sensors there",
    ),
)
