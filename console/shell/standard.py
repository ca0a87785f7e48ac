"""The commands that every console has; the composition root adds layouts and quitting. Knows no panel but by id."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QWidget

from console.api import CommandSpec, Text
from console.shell.alarm_acts import AlarmActs
from console.shell.palette import KeyCard, Palette
from console.shell.replay_acts import ReplayActs
from console.shell.replay_share import ShareSheet
from console.shell.session import Session
from widgets.kit.tokens import look

ALARMS = Text("报警", "Alarms")
VIEW = Text("查看", "View")
SCREEN = Text("屏幕", "Screen")
REPLAY = Text("回放", "Replay")
CHART = Text("曲线窗格", "In a chart")
TILE_KEYS: Final = (
    CommandSpec(id="", title=Text("更短、更长（10 秒至一年）", "Shorter, longer (to a year)"), keys="+ −", group=CHART),
    CommandSpec(id="", title=Text("往前、往后", "Back, on"), keys="← →", group=CHART),
    CommandSpec(id="", title=Text("回到实时", "Back to live"), keys="Home", group=CHART),
)
"""Keys that belong to the tile that has the focus, for the key card."""
JUMPS: Final = (
    (10, "10s", "10 秒", "10 s", ""),
    (60, "1min", "1 分钟", "1 min", "Shift+"),
    (600, "10min", "10 分钟", "10 min", "Ctrl+"),
)


def add_standard_commands(
    session: Session,
    acts: AlarmActs,
    replay: ReplayActs,
    window: Callable[[], QWidget],
    reveal: Callable[[str], None],
    full_screen: Callable[[], None],
    leave_full_screen: Callable[[], bool] = bool,
) -> None:
    """Register them with the session's registry.

    Args:
        window: the window that dialogs belong to (the active one).
        reveal: brings the tile of a panel id to the front ("map", "chart", "video", "notices").
        full_screen: makes the tile with the focus fill the mosaic, or gives it back its place.
        leave_full_screen: gives a tile that fills the mosaic back its place; False when none does.
    """

    def open_palette() -> None:
        Palette(window(), session.commands, session.language.code).open()

    def open_card() -> None:
        KeyCard(window(), session.commands, session.language.code, TILE_KEYS).open()

    def show(panel_id: str) -> Callable[[], None]:
        return lambda: reveal(panel_id)

    def back() -> None:
        if leave_full_screen():
            return
        if replay.playback is not None:
            replay.leave()
        else:
            session.select("")

    def cameras() -> None:
        acts.cameras()
        reveal("video")

    rows: list[tuple[str, Text, str, Text, Callable[[], None]]] = [
        ("alarm.acknowledge", Text("确认首条报警", "Acknowledge first alarm"), "A", ALARMS, acts.acknowledge_first),
        ("alarm.next", Text("下一条报警", "Next alarm"), "N", ALARMS, acts.next),
        ("alarm.cameras", Text("就近画面", "Nearest cameras"), "V", ALARMS, cameras),
        ("sound.mute", Text("静音或恢复", "Mute or unmute"), "", ALARMS, session.toggle_mute),
        ("map.show", Text("在图上看", "Show on map"), "M", VIEW, show("map")),
        ("chart.show", Text("看曲线", "Graph"), "G", VIEW, show("chart")),
        ("notices.show", Text("看通知", "Show notices"), "", VIEW, show("notices")),
        ("back", Text("返回", "Back"), "Esc", VIEW, back),
        ("focus", Text("放大或还原窗格", "Enlarge or restore tile"), "", VIEW, full_screen),
        ("tile.full_screen", Text("窗格全屏", "Tile full screen"), "F11", SCREEN, full_screen),
        ("palette.open", Text("命令", "Commands"), "Ctrl+K", SCREEN, open_palette),
        ("keys.card", Text("按键卡", "Key card"), "Shift+F1", SCREEN, open_card),
        ("language.toggle", Text("切换语言", "Switch language"), "Ctrl+L", SCREEN, session.language.toggle),
        ("look.toggle", Text("昼夜切换", "Day or night"), "Ctrl+D", SCREEN, toggle_look),
    ]
    for command_id, title, keys, group, run in rows:
        session.commands.add(CommandSpec(id=command_id, title=title, keys=keys, group=group), run)
    _add_replay_commands(session, replay, window)


def _add_replay_commands(session: Session, acts: ReplayActs, window: Callable[[], QWidget]) -> None:
    def share() -> None:
        ShareSheet(window(), acts).open()

    def inside() -> bool:
        return acts.playback is not None

    def add(name: str, title: Text, keys: str, run: Callable[[], None], *, always: bool = False) -> None:
        spec = CommandSpec(id=f"replay.{name}", title=title, keys=keys, group=REPLAY)
        session.commands.add(spec, run, _always if always else inside)

    add("open", Text("回放", "Replay"), "R", acts.open, always=True)
    add("time", Text("回放到时刻", "Replay from a time"), "T", acts.ask_time, always=True)
    add("share", Text("共享回放", "Share or join a replay"), "Shift+R", share, always=True)
    add("play", Text("播放或暂停", "Play or pause"), "Space", acts.toggle)
    add("step", Text("步进到下一个数据", "Step to the next sample"), ".", acts.step)
    add("slower", Text("放慢", "Slower"), "[", lambda: acts.faster(-1))
    add("faster", Text("加快", "Faster"), "]", acts.faster)
    for seconds, name, zh, en, chord in JUMPS:
        for sign, way, zh_way, en_way, key in ((-1, "back", "退", "Back", "Left"), (1, "on", "进", "On", "Right")):
            spec = CommandSpec(
                id=f"replay.{way}_{name}",
                title=Text(f"{zh_way} {zh}", f"{en_way} {en}"),
                keys=chord + key,
                group=REPLAY,
            )
            session.commands.add(spec, partial(acts.seek_by, sign * seconds), inside, local=True)
    add("leave", Text("离开回放，回到实时", "Leave the replay, back to live"), "L", acts.leave)


def toggle_look() -> None:
    """Night to day and back."""
    look.set_mode("day" if look.tokens.mode == "night" else "night")


def _always() -> bool:
    return True
