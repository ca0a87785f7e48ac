"""The commands of tiling, with their keys; what they do is console.stage.tiling's.

Part of the composition root, imported by console.app alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from console.api import CommandSpec, PanelSpec, Text
from console.shell.commands import Commands
from console.stage.hand import Board
from console.stage.tiling import LAYOUT, Tiling
from layouts.arrange import Way
from layouts.edit import Side

TILE: Final = Text("窗格", "Tile")
WAYS: Final[tuple[tuple[Way, Side, str, Text], ...]] = (
    ("left", "left", "Left", Text("左", "left")),
    ("right", "right", "Right", Text("右", "right")),
    ("above", "above", "Up", Text("上", "up")),
    ("below", "below", "Down", Text("下", "down")),
)


def add_tiling_commands(
    tiling: Tiling, commands: Commands, specs: Mapping[str, PanelSpec], keyed: Sequence[str] = ()
) -> None:
    """Register them, each once; the layouts `keyed` get Ctrl+1, Ctrl+2 …, own ones what is left of Ctrl+1 to Ctrl+9."""

    hand = tiling.hand

    def add(id_: str, zh: str, en: str, keys: str, run: Callable[[], None], group: Text = TILE) -> None:
        commands.add(CommandSpec(id=id_, title=Text(zh, en), keys=keys, group=group), run)

    for way, side, key, word in WAYS:
        zh, en = word.zh, word.of("en")
        add(f"tile.focus_{way}", f"到{zh}边的窗格", f"Tile {en}", f"Alt+{key}", partial(hand.focus, way))
        add(
            f"tile.move_{way}",
            f"窗格移向{zh}",
            f"Move tile {en}",
            f"Alt+Shift+{key}",
            partial(hand.move, way, side),
        )
        add(
            f"tile.stack_{way}",
            f"叠到{zh}边窗格上",
            f"Stack tile {en}",
            f"Ctrl+Alt+{key}",
            partial(hand.stack, way),
        )
    for name, zh, en, key, across, by in (
        ("wider", "窗格加宽", "Wider", "Right", True, 1),
        ("narrower", "窗格变窄", "Narrower", "Left", True, -1),
        ("higher", "窗格加高", "Higher", "Down", False, 1),
        ("lower", "窗格变矮", "Lower", "Up", False, -1),
    ):
        add(f"tile.{name}", zh, en, f"Ctrl+Shift+{key}", partial(hand.grow, across=across, by=by))
    add("tile.unstack", "移出标签页", "Take out of the tabs", "Ctrl+Alt+Home", hand.unstack)
    add("tile.next_tab", "下一标签页", "Next tab", "Ctrl+Tab", partial(hand.next_tab, 1))
    add("tile.previous_tab", "上一标签页", "Previous tab", "Ctrl+Shift+Tab", partial(hand.next_tab, -1))
    add("tile.detach", "窗格独立成窗或归位", "Detach tile, or dock it", "Ctrl+Shift+D", hand.detach)
    add("tile.close", "关闭窗格", "Close tile", "Ctrl+W", hand.close_tile)
    for spec in specs.values():
        title = spec.title
        add(
            f"tile.add_{spec.id}",
            f"加窗格：{title.zh}",
            f"Add tile: {title.of('en')}",
            "",
            partial(hand.add, spec.id),
        )

    def of_board(act: Callable[[Board | Tiling], None]) -> Callable[[], None]:
        """What is done to a scene's preview while that has the keys, else to the layout."""
        return lambda: act(hand.lent or tiling)

    rows: tuple[tuple[str, str, str, str, Callable[[], None]], ...] = (
        ("undo", "撤销布局改动", "Undo change of layout", "Ctrl+Z", of_board(lambda board: board.undo())),
        ("redo", "重做布局改动", "Redo change of layout", "Ctrl+Shift+Z", of_board(lambda board: board.redo())),
        ("save", "保存布局", "Save layout", "Ctrl+S", of_board(lambda board: board.save())),
        ("save_as", "布局另存为", "Save layout as", "Ctrl+Shift+S", of_board(lambda board: board.save_as())),
        ("reset", "恢复到已保存的布局", "Layout as it was saved", "", tiling.reset),
        ("as_shipped", "恢复到出厂布局", "Layout as it was shipped", "", tiling.ship),
        ("lock", "锁定或解锁布局", "Lock or unlock layout", "Ctrl+Shift+L", tiling.lock),
        ("export", "导出布局", "Export layout", "", tiling.export),
        ("import", "导入布局", "Import layout", "", tiling.bring_in),
    )
    for name, zh, en, keys, run in rows:
        add(f"arrange.{name}", zh, en, keys, run, LAYOUT)
    tiling.add_layouts(keyed)
