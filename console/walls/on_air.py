"""What stands on a wall now, live and small, on any desk that may see it; who controls the wall presents from here.

Part of the composition root. It shows the wall's scene in its turn, with the presenter's marks; what the hand does is
console.walls.presenter's to tell.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QVBoxLayout,
)

from console.api import Notice, Person, SettingsError, Severity, Text, Wall, YilanError
from console.shell.pacer import Pacer
from console.shell.ports import Drained
from console.shell.session import Session
from console.shell.tile import Tile
from console.stage.stage import Stage
from console.walls.controls import Controls
from console.walls.live_screens import LiveScreens
from console.walls.overlay import panel_of
from console.walls.pad import Pad
from console.walls.presenter import Presenter
from console.walls.presenting import Audience, Presented, Said
from console.walls.preview import words_of
from console.walls.turn import layout_of, turn_of
from console.wire.walls import Present, PresentRefused
from layouts.mosaic import Mosaic
from layouts.tree import Layout, Part
from widgets.kit.targets import LEAST, least_of
from widgets.kit.text import clock_text, font
from widgets.kit.tokens import look

NOTICE: Final = "wall.present"
ROOM_PX: Final = (1440, 810)
AROUND_PX: Final = (40, 220)
FLUSH_MS: Final = 25
GIVEN: Final = frozenset(
    {
        Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_Equal,
        Qt.Key.Key_Minus, Qt.Key.Key_Home,
    }
)  # fmt: skip
"""Keys that are the tile's under the hand: they move its map or its curve."""


def followed(panel: str, state: dict[str, Any], width: int, height: int) -> dict[str, Any] | None:
    """What of a panel's view the walls follow; None of panels whose view is each screen's own.

    A curve that follows the time tells how long a span it shows, not which.
    """
    if panel == "map" and "zoom" in state:
        return {key: state[key] for key in ("lon", "lat", "zoom", "layers") if key in state} | {"px": [width, height]}
    if panel == "chart" and state.get("following"):
        return {"following": True, "start_ns": 0, "end_ns": state["end_ns"] - state["start_ns"]}
    if panel == "chart":
        return {key: state[key] for key in ("following", "start_ns", "end_ns")}
    return None


class OnAir(QDialog):
    """See the module. A dialog, so that it goes aside with all others while the screens are locked.

    Args:
        wall: id of the wall.
        me: under which name this desk acts.

    Signals:
        pulled: a tile is wanted at the desk: its Part.
    """

    pulled = Signal(object)

    def __init__(
        self, wall: str, stage: Stage, session: Session, pacer: Pacer, audience: Audience, me: Callable[[], str]
    ) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.installEventFilter(self)
        self._wall, self._session = wall, session
        self._layout: Layout | None = None
        self._key: tuple[int, str] = (0, "")
        self._was_up = session.link.up
        self._hand = False
        """The mouse is the tiles' while somebody presents."""
        self._least = least_of(stage.active_window())
        self.setProperty(LEAST, self._least)
        self.presenter = Presenter(wall, audience, me, self._failed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 12)
        self._column.setSpacing(8)
        self._said, self._who = QLabel(), QLabel()
        self._said.setFont(font(13))
        self._who.setFont(font(16, bold=True))
        self._column.addWidget(self._who)
        self._column.addWidget(self._said)
        space = self.screen().availableSize()
        room = (min(ROOM_PX[0], space.width() - AROUND_PX[0]), min(ROOM_PX[1], space.height() - AROUND_PX[1]))
        self.screens = LiveScreens(stage, session, room, self._subject)
        self.screens.made.connect(self._lay_pad)
        self._column.addWidget(self.screens, 1)
        self._controls = self._made_controls()
        self._column.addWidget(self._controls)
        self._flushing = QTimer(self)
        self._flushing.setInterval(FLUSH_MS)
        self._flushing.timeout.connect(self._flush)
        self._build()
        self.presented = Presented(
            wall,
            audience,
            session,
            pacer,
            self.screens.sized,
            follows=lambda: not self.presenter.presents,
            layout=lambda: self._layout,
        )
        audience.listen(wall, (self, "hand"), self._heard)
        self._audience = audience
        self.say()

    def _made_controls(self) -> Controls:
        hand = self.presenter
        acts = (self.toggle, self.freeze, hand.undo, hand.clear, self.toggle_hand, self.pull, self.reject)
        made = Controls(acts, self._least)
        made.picked.connect(self._pick)
        return made

    # ------------------------------------------------------------------ what is on the wall

    @property
    def shows(self) -> str:
        """Id of the wall."""
        return self._wall

    @property
    def wall(self) -> Wall | None:
        """The wall, None where it is not known (any more)."""
        return self._session.desk.entities(Wall).get(self._wall)

    def _subject(self) -> str:
        wall = self.wall
        return wall.scene.subject if wall is not None and wall.scene is not None else ""

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer: another scene may stand on the wall, another turn have come, the link be back."""
        up = self._session.link.up
        if up and not self._was_up and self.presenter.wants:
            self.presenter.begin()  # the node knows this desk by its connection, and that is another now
        self._was_up = up
        if Wall.CLS in drained.entities or drained.seeked or second:
            self._build()
            self.say()

    def _build(self) -> None:
        """Show the wall's scene as it is now; tiles that were in the one before stay what they are."""
        wall = self.wall
        scene = wall.scene if wall is not None else None
        if scene is None:
            return
        toml, _ = turn_of(scene, self._session.desk.now_ns)
        if (scene.number, toml) == self._key:
            return
        self._key = (scene.number, toml)
        try:
            self._layout = layout_of(scene, toml)
        except SettingsError as error:
            summary = Text(f"场景“{scene.title.zh}”打不开", f"Scene {scene.title.of('en')} cannot be shown")
            self._tell(summary, str(error))
            return
        self.screens.show_scene(self._layout)

    # ------------------------------------------------------------------ words

    def say(self) -> None:
        """What stands there, who presents, what the keys do."""
        translate, wall = QCoreApplication.translate, self.wall
        code = self._session.language.code
        name = (wall.name.of(code) if wall is not None else "") or self._wall
        self.setWindowTitle(translate("OnAir", "On air: {wall}").format(wall=name))
        self._said.setText(words_of(wall, self._session))
        marks = self.presenter.marks
        if marks.by:
            who = self._session.desk.entities(Person).get(marks.by)
            by = who.name.of(code) if who is not None else marks.by
            words = translate("OnAir", "On air: {wall} · {person} presents since {time}")
            self._who.setText(words.format(wall=name, person=by, time=clock_text(marks.since_ns, seconds=False)))
        else:
            self._who.setText(translate("OnAir", "On air: {wall}").format(wall=name))
        self._say_keys()

    def _say_keys(self) -> None:
        presents, colour = self.presenter.presents, self.presenter.colour
        self._controls.say(presents=presents, hand=self._hand, colour=colour)

    @property
    def said(self) -> str:
        """What it says of the wall and its presenter."""
        return f"{self._who.text()} · {self._said.text()}"

    def _tell(self, summary: Text, detail: str) -> None:
        self._session.notices.raise_(Notice(key=NOTICE, severity=Severity.WARNING, summary=summary, detail=detail))

    def _failed(self, error: Exception) -> None:
        said = Text(error.zh, str(error)) if isinstance(error, YilanError) and hasattr(error, "zh") else None
        self._tell(
            said or Text("演示未送达：与节点的链路断开", "Not presented: the link to the node is cut"), str(error)
        )

    # ------------------------------------------------------------------ presenting

    def toggle(self) -> None:
        """Begin to present, or end it."""
        if self.presenter.wants:
            self.presenter.end()
        else:
            self._session.notices.clear(NOTICE)
            self.presenter.begin()
        self._follow_hand()

    def _heard(self, message: Said) -> None:
        self.presenter.heard(message)
        if isinstance(message, PresentRefused):
            self._tell(Text(message.zh, message.en), message.op)
        if not isinstance(message, Present):
            self._follow_hand()

    def _lay_pad(self, mosaic: Mosaic, pad: Pad) -> None:
        pad.setVisible(self.presenter.presents and not self._hand)
        pad.pressed.connect(partial(self.press, mosaic))
        pad.moved.connect(partial(self.move_to, mosaic))
        pad.released.connect(self.presenter.release)
        pad.left.connect(partial(self.presenter.point, None))
        pad.turned.connect(self._zoom)

    def _zoom(self, nearer: object) -> None:
        self.give_key(Qt.Key.Key_Plus if nearer else Qt.Key.Key_Minus, "+" if nearer else "-")

    def _follow_hand(self) -> None:
        """Pads, timer and words as it stands now."""
        presents = self.presenter.presents
        for pad in self.screens.pads:
            pad.fit()
            pad.setVisible(presents and not self._hand)
        if presents and not self._flushing.isActive():
            self._flushing.start()
        elif not presents:
            self._flushing.stop()
        self.say()

    def toggle_hand(self) -> None:
        """Give the mouse to the tiles, to drag a map, or take it back to draw."""
        self._hand = not self._hand
        self._follow_hand()

    def _pick(self, colour: int) -> None:
        self.presenter.pick(colour)
        self._say_keys()

    def freeze(self) -> None:
        """The tile under the pointer stands still, or goes on."""
        if (part := self._part_under()) is not None:
            self.presenter.freeze(part.id)

    def pull(self) -> None:
        """The tile under the pointer goes to the desk's layout too."""
        if (part := self._part_under()) is not None:
            self.pulled.emit(part)

    def press(self, mosaic: Mosaic, at: QPoint) -> None:
        """A stroke begins."""
        if (spot := self.screens.spot(mosaic, at)) is not None:
            self.presenter.press(spot)

    def move_to(self, mosaic: Mosaic, at: QPoint) -> None:
        """The hand is there."""
        self.presenter.point(self.screens.spot(mosaic, at))
        if (drawing := self.presenter.drawing) is not None:
            spot = self.screens.spot(mosaic, at, *drawing)
            if spot is not None:
                self.presenter.drag(spot)

    def _flush(self) -> None:
        self.presenter.flush()
        for id_, tile in self.screens.tiles.items():
            if tile.spec.id in ("map", "chart"):
                self._follow_view(id_, tile)

    def _follow_view(self, id_: str, tile: Tile) -> None:
        panel = tile.panel
        if panel is not None:
            state = followed(tile.spec.id, panel.view_state(), tile.inner.width(), tile.inner.height())
            if state is not None:
                self.presenter.view(id_, state, own=id_ in self.screens.touched)

    # ------------------------------------------------------------------ keys

    def _part_under(self) -> Part | None:
        found = self.screens.under()
        return found[1] if found is not None else None

    def give_key(self, key: Qt.Key, text: str = "") -> None:
        """A key for the tile under the hand: it moves its map or its curve."""
        found = self.screens.under()
        panel = panel_of(found[0].by_id.get(found[1].id)) if found is not None else None
        if panel is not None:
            QApplication.sendEvent(panel, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text))

    def _own(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key does here."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if not plain:
            return None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.pull
        if key is Qt.Key.Key_P:
            return self.toggle
        if not self.presenter.presents:
            return None
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_4:
            return partial(self._pick, key - Qt.Key.Key_1)
        if key in GIVEN and not self._hand:
            return partial(self.give_key, key, event.text())
        acts = {
            Qt.Key.Key_Z: self.presenter.undo,
            Qt.Key.Key_C: self.presenter.clear,
            Qt.Key.Key_F: self.freeze,
            Qt.Key.Key_H: self.toggle_hand,
        }
        return acts.get(key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Its letters are its own here; elsewhere they may be a command's, which would come first.

        Not `event`: what a tile raises while it is painted would come through it, and end the program.
        """
        override = watched is self and event.type() is QEvent.Type.ShortcutOverride
        mine = override and isinstance(event, QKeyEvent) and self._wants(event)
        if mine:
            event.accept()
        return mine

    def _wants(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape or self._own(event) is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = self._own(event)
        if act is not None:
            act()
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------ end

    def done(self, result: int) -> None:
        """End presenting, the tiles, and the watch over the wall."""
        self._flushing.stop()
        self.presenter.end()
        self.presented.close()
        self._audience.leave((self, "hand"))
        self.screens.close_screens()
        super().done(result)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.tile)
