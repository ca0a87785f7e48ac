"""On every shipped wall no list is cut, and nothing in it is written smaller than the viewing distance asks for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QFont

from layouts.arrange import GAP_PX, Box, arrange
from layouts.store import PRESETS, read
from layouts.wall import text_px
from tests.fakes import FakeHost
from tests.qt.panel_making import Make
from tests.qt.saying import saying
from tests.qt.seen import Seen
from tests.scenes import quiet, storm
from widgets.board_matrix.panel import BoardMatrixPanel
from widgets.board_matrix.spec import BoardMatrixSettings
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import IncidentsSettings
from widgets.kit import text as kit_text
from widgets.kit.body import PanelBody
from widgets.posts.panel import PostsPanel
from widgets.posts.spec import PostsSettings

WALLS = [file for file in sorted(PRESETS.glob("*.toml")) if read(file).role == "wall"]
LISTS: dict[str, Callable[[FakeHost], PanelBody[Any]]] = {
    "board_matrix": lambda host: BoardMatrixPanel(host, BoardMatrixSettings()),
    "incidents": lambda host: IncidentsPanel(host, IncidentsSettings()),
    "posts": lambda host: PostsPanel(host, PostsSettings()),
}


@pytest.mark.parametrize("scene", [quiet, storm, lambda host: None], ids=["quiet", "storm", "nothing"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_lists_of_a_wall_are_whole_and_large_enough(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    scene: Callable[[FakeHost], None],
) -> None:
    seen, written = Seen(monkeypatch), _sizes(monkeypatch)
    with saying(language, "lists_zh"):
        for panel, width, height, em in sorted(_places()):
            host = FakeHost(role="wall", language=language, text_px=em)
            scene(host)
            written.clear()
            tile = make(host, LISTS[panel], width, height)
            seen.of(tile)
            assert not seen.cut, f"{panel} of {width} × {height} px"
            assert min(written, default=0.0) >= em * 0.995, f"{panel} of {width} × {height} px, em {em:.1f}"


def _places() -> set[tuple[str, int, int, float]]:
    """Panel, width, height and em of every list on any wall."""
    found = set()
    for file in WALLS:
        wall = read(file)
        for screen in wall.screens:
            em = text_px(screen, wall)
            placed = arrange(screen.tree, Box(0, 0, 1920 - 2 * GAP_PX, 1080 - 2 * GAP_PX), scale=em / 64.0)
            found |= {(p.part.panel, p.box.width, p.box.height, em) for p in placed.tiles if p.box is not None}
    return {place for place in found if place[0] in LISTS}


def _sizes(patch: pytest.MonkeyPatch) -> list[float]:
    """Every size in px that a panel asks a font of from now on."""
    asked: list[float] = []

    def font(px: float, bold: bool = False) -> QFont:
        asked.append(px)
        return kit_text.font(px, bold)

    for name, module in list(sys.modules.items()):
        if name.startswith("widgets.") and getattr(module, "font", None) is kit_text.font and module is not kit_text:
            patch.setattr(module, "font", font)
    return asked
