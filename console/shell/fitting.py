"""What a person has set for the screens of this machine, touch and size of text, and what follows from each screen.

It remembers, and measures with `console.shell.measure`; it knows no window and no layout.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QInputDevice, QScreen

from console.api import CommandSpec, Text, Value
from console.posix import write_whole
from console.shell.commands import Commands
from console.shell.measure import CHOICES, Glass, stepped, target_px, text_factor

log = logging.getLogger(__name__)
FILE: Final = "screens.json"
SCREEN: Final = Text("屏幕", "Screen")
SCREENS_MOST: Final = 64
"""So many monitors are remembered, those that were set last."""


class Kept(Value, frozen=True):
    """The file. `touch`: None as the machine's devices say; `text`: by monitor, what its text is multiplied by."""

    touch: bool | None = None
    text: dict[str, float] = msgspec.field(default_factory=dict)


def has_touch_screen() -> bool:
    """Whether fingers can touch a screen of this machine."""
    return any(device.type() is QInputDevice.DeviceType.TouchScreen for device in QInputDevice.devices())


def glass_of(screen: QScreen) -> Glass:
    """A screen of Qt's as its driver tells it."""
    size, mm = screen.size(), screen.physicalSize()
    return Glass(width_px=size.width(), height_px=size.height(), width_mm=mm.width(), height_mm=mm.height())


class Fitting(QObject):
    """See the module.

    Args:
        state: the folder in which the settings outlive this console.
        detected: whether a finger can touch this machine.
        look: how a screen is made (its size).

    Signals:
        changed: no payload; windows are to be fitted anew.
    """

    changed = Signal()

    def __init__(
        self,
        state: Path,
        detected: Callable[[], bool] = has_touch_screen,
        look: Callable[[QScreen], Glass] = glass_of,
    ) -> None:
        super().__init__()
        self._file = state / FILE
        self._detected, self._look = detected, look
        self._kept = _read(self._file)

    @property
    def touch(self) -> bool:
        """Whether hands touch this machine's screens: as a person said, else as its devices say."""
        return self._detected() if self._kept.touch is None else self._kept.touch

    def target_px(self, screen: QScreen, role: Literal["desk", "wall", "vehicle"], *, touched: bool = False) -> float:
        """The least side of what a finger is to hit on a screen, in logical px; 0 where none touches it.

        `touched`: the layout says that hands touch this one. A vehicle's are touched always, a wall's never.
        """
        if role == "wall" or not (touched or role == "vehicle" or self.touch):
            return 0.0
        return target_px(self._look(screen), role)

    def text_factor(self, screen: QScreen) -> float:
        """By what text is larger here than its role's usual size: by the screen's density and by what was set."""
        return text_factor(self._look(screen)) * self._kept.text.get(_key(screen), 1.0)

    # ------------------------------------------------------------------ what a person sets

    def turn_touch(self) -> None:
        """Touch on or off, whatever the devices say."""
        self._keep(msgspec.structs.replace(self._kept, touch=not self.touch))

    def step_text(self, screen: QScreen, step: int) -> None:
        """Text of a screen one step larger (+1) or smaller (−1), or as usual again (0)."""
        key = _key(screen)
        factor = stepped(self._kept.text.get(key, 1.0), step)
        text = {name: had for name, had in self._kept.text.items() if name != key}
        if factor != 1.0:
            text[key] = factor
        self._keep(msgspec.structs.replace(self._kept, text=dict(list(text.items())[-SCREENS_MOST:])))

    def _keep(self, kept: Kept) -> None:
        if kept == self._kept:
            return
        self._kept = kept
        try:
            write_whole(self._file, msgspec.json.encode(kept))
        except OSError:  # it holds until this console ends
            log.exception("what was set for the screens cannot be kept")
        self.changed.emit()

    def add_commands(self, commands: Commands, screen: Callable[[], QScreen]) -> None:
        """Register the commands; `screen` gives the one that a person looks at."""
        touch = CommandSpec(id="screen.touch", title=Text("触摸模式", "Touch mode"), group=SCREEN)
        commands.add(touch, self.turn_touch)
        rows = (
            ("larger", Text("放大文字", "Larger text"), "Ctrl+=", 1),
            ("smaller", Text("缩小文字", "Smaller text"), "Ctrl+-", -1),
            ("usual", Text("文字恢复常用大小", "Text as usual"), "Ctrl+0", 0),
        )
        for name, title, keys, step in rows:
            spec = CommandSpec(id=f"screen.text_{name}", title=title, keys=keys, group=SCREEN)
            commands.add(spec, partial(self._step, screen, step))

    def _step(self, screen: Callable[[], QScreen], step: int) -> None:
        self.step_text(screen(), step)


def _key(screen: QScreen) -> str:
    """A monitor's serial number, else the connector that it is plugged into."""
    return screen.serialNumber() or screen.name()


def _read(file: Path) -> Kept:
    """What was set; a file that cannot be read is as none."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=Kept)
    except FileNotFoundError:
        return Kept()
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        log.warning("%s cannot be read, screens are as usual: %s", file, error)
        return Kept()
    text = {name: factor for name, factor in kept.text.items() if CHOICES[0] <= factor <= CHOICES[-1]}
    return msgspec.structs.replace(kept, text=text)
