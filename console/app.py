"""The composition root of the console: builds each object once, wires, starts, stops; it alone knows everybody.

Standard input is the control pipe: a boot line, then lines of the supervisor (the node's address, notices); its end
ends the console. Standard output bears JSON lines for the supervisor: what was painted when, what failed.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from console.api import CommandSpec, Notice, PanelSpec, SettingsError, Severity, Shift, Text, YilanError
from console.client.desk import Desk
from console.client.trouble import NodeAddress
from console.control_pipe import Boot, Line, listen, read_boot, tell
from console.heart import BEAT_S
from console.posix import tell_stacks
from console.resolve import declared, resolve
from console.shell import theme
from console.shell.access.acts import AccessActs
from console.shell.access.commands import add_access_commands
from console.shell.alarm_acts import AlarmActs
from console.shell.awake import Awake
from console.shell.commands import Commands
from console.shell.fitting import Fitting
from console.shell.language import Language
from console.shell.name_sheet import NameSheet, ask_file
from console.shell.notices import Notices
from console.shell.pacer import Pacer
from console.shell.ports import Drained
from console.shell.replay_acts import ReplayActs
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.standard import SCREEN, add_standard_commands
from console.shell.tile_help import add_help_command
from console.shell.vitals import Vitals
from console.stage.commands import add_tiling_commands
from console.stage.first_layout import FirstLayout
from console.stage.stage import Stage
from console.stage.tiling import Tiling
from console.tasks import Tasks
from console.walls.airing import Airing
from console.walls.directing import Directing
from console.walls.following import Following
from console.walls.pictures import unpacked
from console.walls.telling import Telling
from layouts.wall import Place
from widgets.kit.blink import blink
from widgets.kit.text import load_fonts
from widgets.kit.tokens import look
from widgets.kit.web import register_scheme

log = logging.getLogger("console.app")
PANELS_MANIFEST: Final = Path(__file__).resolve().parents[1] / "widgets" / "plugin.toml"
LAYOUT_KEYS: Final = ("duty", "duty-2", "vehicle", "wall-2x2")
DIAL: Final = "console.client.dial:Dial"
GC_EVERY_MS: Final = 5_000
GC_OLD_EVERY: Final = 12
"""Turns of the collector."""


class Collector(QObject):
    """Python's cyclic collection pinned to the UI thread: in any other it may destroy QObjects of this one.

    Short, so that no picture is missed: what was imported is left out, the old is looked at once a minute only.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        gc.freeze()
        self._turn = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(GC_EVERY_MS)

    def _collect(self) -> None:
        self._turn += 1
        gc.collect(2 if self._turn % GC_OLD_EVERY == 0 else 1)

    def stop(self) -> None:
        """Give collection back."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


class Beat(QObject):
    """Tells the supervisor that this loop still turns: without it the console is taken for hung and started again."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._tell = tell
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._timer.start(round(BEAT_S * 1000))
        self._beat()

    def _beat(self) -> None:
        self._tell({"alive": True})

    def stop(self) -> None:
        """Beat no more, and say why."""
        self._timer.stop()
        self._tell({"leaving": True})


class Console:
    """Everything of one console process, wired; `run` it inside its event loop.

    Args:
        tell: writes one JSON line to the supervisor.
    """

    def __init__(self, app: QApplication, boot: Boot, tell: Callable[[dict[str, Any]], None]) -> None:
        self._boot, self._tell = boot, tell
        build = Path(boot.build)
        load_fonts(build / "assets" / "fonts")
        look.set_mode(boot.theme)
        theme.install(app)
        self.tasks = Tasks(self._task_failed)
        self.desk = Desk(self.tasks, role=boot.role, state=Path(boot.state))
        self.notices = Notices(lambda: self.desk.now_ns)
        self.commands = Commands()
        self.language = Language(build / "translations", boot.language)
        self.session = Session(self.desk, self.tasks, self.notices, self.commands, self.language)
        self.pacer = Pacer(self.session)
        self.acts = AlarmActs(self.session)
        self.replay = ReplayActs(self.session)
        self.access = AccessActs(self.session)
        declarations = declared(PANELS_MANIFEST, "panels", self._panel_missing)
        specs = {spec.id: spec for spec in cast("list[PanelSpec]", declarations)}
        self.stage = Stage(self.session, self.pacer, self.acts, self.replay, self.access, specs, Path(boot.state))
        self.fitting = Fitting(Path(boot.state))
        self.stage.fitted = self._fitted
        self.fitting.changed.connect(self._fit)
        self.tiling = Tiling(self.stage, self.session, Path(boot.state), self._ask_name, self._choose_file)
        self._first_layout = FirstLayout(
            self.stage, self.tiling, self.access, Path(boot.state), chosen=bool(boot.layout)
        )
        self.directing = Directing(self.stage, self.session, self._ask_name, self.tiling.hand, self.tiling.proposing)
        self.following = (
            Following(self.stage, self.session, boot.wall, boot.machine, Path(boot.state), tell) if boot.wall else None
        )
        self.telling: Telling | None = None
        if self.following is not None:
            self.telling = Telling(self.stage, self.desk.walls, lambda: self.desk.now_ns, boot.wall, boot.machine)
            self.following.on_shown = self.telling.shown
            self.following.rests = lambda: not self.airing.presents
        hands = (self.directing, self._me, self.tiling.take_in, tell if boot.events else None)
        self.airing = Airing(self.stage, self.session, self.pacer, self.desk.walls, *hands)
        self.desk.walls.decode = unpacked
        self.desk.on_notices = lambda: self.notices.set_node(self.desk.notices())
        self.desk.on_access = self.access.follow
        self.desk.on_notice, self.desk.on_clear = self.notices.raise_, self.notices.clear
        self.ended = asyncio.Event()
        self._collector = Collector()
        self._beat: Beat | None = None
        self._awake = Awake() if boot.role == "wall" else None
        replica = self.desk.replica
        self._vitals = Vitals(self.session, self.pacer, lambda: replica.samples, tell, full=boot.events)
        self._vitals.began_ns = boot.began_ns or self.desk.now_ns

    def start(self) -> None:
        """Show the layout and begin to connect; the loop is running."""
        self._beat = Beat(self._tell)
        add_standard_commands(
            self.session,
            self.acts,
            self.replay,
            self._front,
            self.stage.reveal,
            self.stage.toggle_full_screen,
            self.tiling.leave,
        )
        add_help_command(self.session, self.stage.tile_at_hand)
        for command in {c.id: c for spec in self.stage.specs.values() for c in spec.commands}.values():
            run, able = partial(self.stage.do, command.id), partial(self.stage.can_do, command.id)
            self.commands.add(command, run, able)
        add_access_commands(self.session, self.access, self.stage.active_window, self.stage.open_account)
        self.fitting.add_commands(self.commands, lambda: self.stage.active_window().screen())
        if self.following is None:  # a wall's screens are the node's to change
            add_tiling_commands(self.tiling, self.commands, self.stage.specs, LAYOUT_KEYS)
            self.directing.add_commands()
            self.tiling.opened.connect(self.directing.add_scenes)
            self.tiling.opened.connect(lambda layout: self._tell({"layout": layout}))
            self.pacer.add_chrome(self.tiling.proposing)
            self.pacer.add_chrome(self.directing)
            self.airing.add_commands()
            self.pacer.add_chrome(self.airing)
        retry = CommandSpec(id="link.retry", title=Text("立即重连", "Reconnect now"), group=SCREEN)
        self.commands.add(retry, self.desk.link.retry)
        quit_spec = CommandSpec(id="console.quit", title=Text("退出", "Quit"), keys="Ctrl+Q", group=SCREEN)
        self.commands.add(quit_spec, self.ended.set)
        self.stage.closing.connect(self.ended.set)
        if not self._open_first():
            # nothing could be shown: that is for the person at the command line
            self._tell({"failed": "; ".join(n.detail for n in self.notices.all() if n.key == "layout")})
            self.ended.set()
            return
        self._vitals.watch(self.stage.windows[0])
        if self._awake is not None:
            QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)  # a page in a tile would show one of its own
            self._awake.take()
        if self.telling is not None:
            self.telling.start()
            self.airing.follow(self._boot.wall)
        self.tasks.start("link", self.desk.link.run())
        self.pacer.add_chrome(self)
        self.pacer.add_chrome(self.access)
        self.pacer.add_chrome(self._vitals)
        self.pacer.start()

    def _me(self) -> str:
        """Under which name this desk acts, as the node has it."""
        access = self.desk.access
        return access.person if access.person and not access.local else self.desk.actor or access.person

    def _open_first(self) -> bool:
        layout = self._boot.layout or "duty"
        if self.following is None:
            return self.tiling.open(layout)
        self.pacer.add_chrome(self.following)
        return self.following.begin(layout)

    def _fitted(self, style: ScreenStyle, place: Place, screen: QScreen) -> ScreenStyle:
        """How large text and targets are on a monitor; a size that a layout gives is what it says."""
        given = place.screen.text_px or place.screen.pitch_mm
        factor = 1.0 if given or style.role == "wall" else self.fitting.text_factor(screen)
        target_px = self.fitting.target_px(screen, style.role, touched=place.screen.touch)
        return msgspec.structs.replace(style, text_px=style.text_px * factor, target_px=target_px)

    def _fit(self) -> None:
        if self.stage.layout is not None:
            self.stage.show(self.stage.layout)
            self.stage.windows[0].activateWindow()  # without a window manager nobody else gives it the keys

    def _front(self) -> QWidget:
        """The window that has the operator's attention: a scene's preview, else one of the stage."""
        return self.directing.front or self.stage.active_window()

    def _ask_name(self, title: Text, name: str, taken: Callable[[str], None]) -> None:
        window = self._front()
        window.raise_()  # a scene's preview may stand over it, and the question behind
        window.activateWindow()
        NameSheet(window, title.of(self.language.code), name, taken).open()

    def _choose_file(self, write: bool, name: str, taken: Callable[[Path], None]) -> None:
        ask_file(self.stage.active_window(), write=write, name=name, suffix="toml", taken=taken)

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer at each tick that changed something: who sits at this desk."""
        if self.desk.access.local and not self.desk.actor and (shifts := self.desk.entities(Shift)):
            # the demo's officer acts at this desk; where there are people, whoever has logged in
            self.desk.actor = next(iter(shifts.values())).officer.zh

    def hear(self, line: Line) -> None:
        """Take a line of the supervisor."""
        if line.node is not None:
            self._reach(line.node)
        if line.notice is not None:
            self.notices.raise_(_notice(line.notice))
        if line.clear:
            self.notices.clear(line.clear)

    def _reach(self, node: dict[str, str]) -> None:
        """Of an embedded node there is a secret; one over a network wants certificates, and time to import them."""
        address = NodeAddress(**node)
        dial = resolve(DIAL)(address) if not address.secret else None
        self.desk.link.address(address.url, address.secret, dial)
        if dial is not None:
            self.tasks.start("certificate", dial.watch(self.notices.raise_, self.notices.clear))

    def _panel_missing(self, error: SettingsError) -> None:
        log.error("panel: %s", error)
        summary = Text("一种窗格无法载入", "A kind of tile cannot be loaded")
        self.notices.raise_(Notice(key="panels", severity=Severity.ERROR, summary=summary, detail=str(error)))

    def _task_failed(self, name: str, error: BaseException) -> None:
        summary = Text(f"任务 {name} 失败", f"Task {name} failed")
        self.notices.raise_(
            Notice(key=f"task:{name}", severity=Severity.ERROR, summary=summary, detail=repr(error)[:300])
        )

    async def stop(self) -> None:
        """The written shutdown: pacer, panels and windows, media workers, link and tasks, keys, language,
        blinking, collector."""
        if self._beat is not None:
            self._beat.stop()
        if self._awake is not None:
            self._awake.release()
            QApplication.restoreOverrideCursor()
        self.pacer.stop()
        self.airing.close()
        self.directing.close()
        if self.following is not None:
            self.following.close()
        if self.telling is not None:
            self.telling.close()
        self.tiling.close()
        self.stage.close()
        await self.desk.close()
        await self.tasks.close()
        self.commands.unbind()
        self.language.close()
        blink.stop()
        self._collector.stop()


def _notice(raw: dict[str, Any]) -> Notice:
    return Notice(
        key=raw["key"],
        severity=Severity(raw.get("severity", "warning")),
        summary=Text(*raw.get("summary", [""])),
        detail=raw.get("detail", ""),
        tip=Text(*raw.get("tip", [""])),
    )


def make_application() -> tuple[QApplication, QEventLoop]:
    """The one QApplication with its asyncio loop."""
    register_scheme()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("yilan")
    app.setApplicationDisplayName("一览 Yilan")
    app.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    return app, loop


async def _live(console: Console) -> None:
    console.start()
    await console.ended.wait()
    await console.stop()


def main() -> int:
    """Entry point of `python -m console.app`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    tell_stacks()
    boot = read_boot()
    app, loop = make_application()
    with loop:
        try:
            console = Console(app, boot, tell)
        except YilanError as error:
            tell({"failed": str(error)})
            return 1
        listen(loop, console.hear, console.ended.set)
        loop.run_until_complete(_live(console))
    return 0


if __name__ == "__main__":
    code = main()
    # WebEngine's own exit handlers may wait on its processes: everything of ours has been closed by now.
    sys.stdout.flush()
    os._exit(code)
