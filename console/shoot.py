"""The console as `main.py shots` runs it: the same composition, walked through every preset, then ended.

Knows what is to be pictured and nothing of how it is made.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from console.api import NS, Access, Alarm, Camera, Counting, Enrolment, Incident, MapLayer, Sensor, Text
from console.app import Console, make_application
from console.control_pipe import Boot, listen, read_boot, tell
from console.shell.access.factor import FactorForm
from console.shell.access.page import Page
from console.wire.access import AccessFrame
from widgets.kit.tokens import look

log = logging.getLogger("console.shoot")
READY_S: Final = 40.0
SETTLE_S: Final = 2.5
"""After everything has painted once: curves filled, plates placed."""
LARGE_PX: Final = 3840
POSE_S: Final = 0.3
REPLAY_BACK_S: Final = 30
RECORDED_S: Final = 20
"""So long before that the node must have been recording."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """One preset to be pictured; `size` of each of its windows."""

    layout: str
    language: Literal["zh", "en"]
    theme: Literal["night", "day"]
    size: tuple[int, int] = (1920, 1080)
    replay: bool = False
    """In a replay of what this run has recorded."""
    pose: str = ""
    """One of POSES: as if a node with people had said so of who is here."""
    about: int = -1
    """Place of the incident that is selected among the open ones, the gravest first; −1 none is."""

    @property
    def name(self) -> str:
        """The picture's name without scenario and ending."""
        what = f"{self.layout}-replay" if self.replay else f"{self.layout}-{self.pose}" if self.pose else self.layout
        what += f"-about{self.about + 1}" if self.about >= 0 else ""
        large = ["4k"] if self.size[0] >= LARGE_PX else []
        return "-".join([what, self.language, *(["day"] if self.theme == "day" else []), *large])


SUBJECTS: Final[tuple[tuple[Literal["zh", "en"], int], ...]] = (("zh", -1), ("zh", 0), ("en", 1))
"""Every scene without a subject, about the gravest incident, and about another one in English."""
STORM: Final = (
    Shot(layout="duty", language="zh", theme="night"),
    Shot(layout="duty", language="en", theme="day"),
    Shot(layout="duty", language="en", theme="night"),
    Shot(layout="duty", language="zh", theme="day"),
    Shot(layout="duty-2", language="zh", theme="night"),
    Shot(layout="duty-2", language="en", theme="night"),
    Shot(layout="vehicle", language="zh", theme="night", size=(1366, 768)),
    Shot(layout="vehicle", language="en", theme="day", size=(1366, 768)),
    Shot(layout="wall-2x2", language="zh", theme="night"),
    Shot(layout="wall-2x2", language="en", theme="night"),
    Shot(layout="people", language="zh", theme="night"),
    Shot(layout="outside", language="zh", theme="night"),
    Shot(layout="direct", language="zh", theme="night"),
    *(
        Shot(layout=f"scene-{scene}", language=language, theme="night", about=about)
        for scene in ("watch", "storm", "hazmat", "lifeline", "crowd", "consult")
        for language, about in SUBJECTS
    ),
)
REPLAYED: Final = (
    Shot(layout="duty", language="zh", theme="night", replay=True),
    Shot(layout="duty", language="en", theme="day", replay=True),
    Shot(layout="vehicle", language="zh", theme="night", size=(1366, 768), replay=True),
    Shot(layout="wall-2x2", language="zh", theme="night", replay=True),
)
"""The last of the storm: by then there is something to go back to."""
OFFICER: Final = Access(
    person="local",
    name=Text("李卫国", "Li Weiguo"),
    roles=(Text("值班员", "Duty officer"),),
    locks_s=600.0,
    policy_version=12,
)
NOBODY: Final = ("login", "first")
"""Poses after which there is nothing to wait for: who is not logged in is shown nothing."""
POSES: Final = ("locked", "glass", "factor", *NOBODY)
ENROLMENT: Final = Enrolment(
    secret="A" * 32, issuer="西咸", account="liweiguo", uri=f"otpauth://totp/yilan:liweiguo?secret={'A' * 32}"
)
PLACES: Final[tuple[tuple[str, Literal["zh", "en"], Literal["night", "day"], tuple[int, int]], ...]] = (
    ("duty", "zh", "night", (1920, 1080)),
    ("duty", "en", "day", (1920, 1080)),
    ("vehicle", "zh", "night", (1366, 768)),
    ("duty", "zh", "night", (3840, 2160)),
)
POSED: Final = tuple(
    Shot(layout=layout, language=language, theme=theme, size=size, pose=pose)
    for pose in POSES
    for layout, language, theme, size in PLACES
)
"""The very last, and nobody last of all: what was shown is then forgotten."""
QUIET: Final = (
    Shot(layout="duty", language="zh", theme="night"),
    Shot(layout="duty", language="en", theme="day"),
    Shot(layout="scene-watch", language="zh", theme="night"),
    Shot(layout="scene-storm", language="en", theme="night"),
)


class Photographer:
    """Walks a console through shots and keeps the pictures; `failures` says what did not come."""

    def __init__(self, console: Console, out: Path, scenario: str, only: str) -> None:
        self._console, self._out, self._scenario, self._only = console, out, scenario, only
        self.failures: list[str] = []
        self._pictured: set[str] = set()
        self._began_ns = console.desk.now_ns
        self._here: Access | None = None
        """Who is here in truth, while another is posed."""

    async def walk(self) -> None:
        """All shots of the scenario."""
        desk = self._console.desk
        await self._until(lambda: bool(desk.entities(Sensor) and desk.entities(MapLayer) and desk.entities(Camera)))
        if self._scenario == "storm":
            await self._until(lambda: len(desk.entities(Alarm)) >= 5)
        for shot in (*STORM, *REPLAYED, *POSED) if self._scenario == "storm" else QUIET:
            if self._only in f"{shot.name}-{self._scenario}":
                await self._take(shot)

    async def _until(self, condition: Callable[[], bool], within_s: float = READY_S) -> bool:
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > within_s:
                return False
            await asyncio.sleep(0.1)
        return True

    async def _take(self, shot: Shot) -> None:
        console = self._console
        console.language.set(shot.language)
        look.set_mode(shot.theme)
        self._pose("")
        console.session.select(self._subject(shot.about))
        if not console.stage.open(shot.layout):
            self.failures.append(f"{shot.name}: the layout cannot be opened")
            return
        if not await self._in_replay(wanted=shot.replay):
            self.failures.append(f"{shot.name}: no replay could be begun")
            return
        windows = console.stage.windows
        for window in windows:
            window.showNormal()
            window.resize(QSize(*shot.size))
        if shot.pose not in NOBODY and not await self._until(self._ready):
            waiting = [tile.name for tile in console.stage.tiles if tile.seen and not self._tile_ready(tile.panel)]
            self.failures.append(f"{shot.name}: still waiting for {', '.join(waiting)}")
        await asyncio.sleep(SETTLE_S)
        if shot.pose:
            self._pose(shot.pose)
            await asyncio.sleep(POSE_S)
        self.failures += [f"{tile.name} failed" for tile in console.stage.tiles if tile.failed]
        self._keep(shot, [window.grab() for window in windows])
        if not shot.replay and not shot.pose:
            self._keep_panels(shot)

    def _subject(self, place: int) -> str:
        """The open incident at a place, as a selection; "" none."""
        known = self._console.desk.entities(Incident).values()
        open_ = sorted((i for i in known if not i.closed_ns), key=lambda i: (i.grade or 9, i.started_ns, i.id))
        return f"incident:{open_[place].id}" if 0 <= place < len(open_) else ""

    def _pose(self, pose: str) -> None:
        """Have the desk be told who is here, "" as it is: the person at this machine."""
        presence, now_ns = self._console.desk.presence, self._console.desk.now_ns
        if not pose:
            if self._here is not None:
                presence.take(AccessFrame(access=self._here))
            self._here = None
            return
        self._here = self._here or presence.access
        hours = 3600 * NS
        officer = msgspec.structs.replace(
            OFFICER,
            may=self._here.may,
            policy_issued_ns=now_ns - hours,
            policy_expires_ns=now_ns + 71 * hours,
            ends_ns=now_ns + 9 * hours,
        )
        posed = {
            "locked": msgspec.structs.replace(officer, locked=True),
            "glass": msgspec.structs.replace(officer, glass_until_ns=now_ns + 27 * 60 * NS),
            "login": Access(policy_version=12),
            "first": Access(first=True),
        }
        presence.take(AccessFrame(access=posed.get(pose, officer)))
        if pose == "factor":
            self._pose_factor()

    def _pose_factor(self) -> None:
        """A second factor that was begun, of no secret."""
        acts = self._console.access
        acts.ask_page(Page.FACTOR)
        acts.enrolment = ENROLMENT
        acts.changed.emit()

    async def _in_replay(self, *, wanted: bool) -> bool:
        """Go into a replay of what this run has recorded, or out of it; True when that is so."""
        desk, acts = self._console.desk, self._console.replay
        if wanted and desk.replay is None:
            await self._until(lambda: desk.now_ns - self._began_ns > REPLAY_BACK_S * NS + RECORDED_S * NS, 2 * READY_S)
            acts.open_at(desk.now_ns - REPLAY_BACK_S * NS)
            await self._until(lambda: desk.replay is not None and bool(desk.view.entities(Sensor)), 10.0)
        elif not wanted and desk.replay is not None:
            acts.leave()
        return (desk.replay is not None) is wanted

    def _ready(self) -> bool:
        past = self._console.desk.replay is not None  # in which there are no pictures to be painted
        tiles = [t for t in self._console.stage.tiles if t.seen and not (past and t.spec.id == "video")]
        return all(tile.failed or self._tile_ready(tile.panel) for tile in tiles)

    @staticmethod
    def _tile_ready(panel: object) -> bool:
        """Made, and painted where it counts that."""
        if panel is None:
            return False
        return not isinstance(panel, Counting) or panel.painted > 1

    def _keep(self, shot: Shot, pictures: list[QPixmap]) -> None:
        name = f"{shot.name}-{self._scenario}"
        if shot.layout.startswith(("wall", "scene")):
            self._save(_tiled(pictures), name)
        for i, picture in enumerate(pictures):
            self._save(picture, name if len(pictures) == 1 else f"{name}-{i + 1}")

    def _keep_panels(self, shot: Shot) -> None:
        """Each panel by itself, once a language, from the first preset that shows it."""
        for tile in self._console.stage.tiles:
            name = f"panel-{tile.spec.id}-{shot.language}"
            if tile.seen and name not in self._pictured:
                self._pictured.add(name)
                self._save(QWidget.grab(tile), name)

    def _save(self, picture: QPixmap, name: str) -> None:
        if not picture.save(str(self._out / f"{name}.png")):
            self.failures.append(f"{name}.png could not be written")


def _tiled(pictures: list[QPixmap]) -> QPixmap:
    """A 2×2 wall's four screens as one picture."""
    width, height = pictures[0].width(), pictures[0].height()
    whole = QPixmap(2 * width, 2 * height)
    p = QPainter(whole)
    for i, picture in enumerate(pictures[:4]):
        p.drawPixmap(QPoint(i % 2 * width, i // 2 * height), picture)
    p.end()
    return whole


async def _run(console: Console, photographer: Photographer) -> None:
    console.start()
    console.tasks.start("shots", _walk(console, photographer))
    await console.ended.wait()
    await console.stop()


async def _walk(console: Console, photographer: Photographer) -> None:
    try:
        await photographer.walk()
    except Exception as error:  # what ends the walk is what did not come, and never a run that made no picture
        log.exception("the walk ended")
        photographer.failures.append(f"the walk ended: {error!r}")
    finally:
        console.ended.set()


def main() -> int:
    """Entry point of `python -m console.shoot`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    boot: Boot = read_boot()
    app, loop = make_application()
    look.motion = False
    FactorForm.masked = True
    with loop:
        console = Console(app, boot, tell)
        out, scenario = Path(os.environ["YILAN_SHOTS_OUT"]), os.environ["YILAN_SHOTS_SCENARIO"]
        photographer = Photographer(console, out, scenario, os.environ.get("YILAN_SHOTS_ONLY", ""))
        listen(loop, console.hear, console.ended.set)
        try:
            loop.run_until_complete(_run(console, photographer))
        except Exception as error:
            log.exception("the console could not be ended")
            photographer.failures.append(f"the console could not be ended: {error!r}")
    if photographer.failures:
        tell({"failed": "; ".join(photographer.failures)})
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
