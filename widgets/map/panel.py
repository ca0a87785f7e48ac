"""The map tile: feeds the page what changed and turns touches into the selection; draws no symbol itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent

from console.api import (
    NS,
    Area,
    EvidenceDraft,
    Frame,
    Header,
    Host,
    Notice,
    Post,
    Resource,
    Selector,
    Sensor,
    Severity,
    Text,
)
from widgets.kit.blink import blink
from widgets.kit.subject import Asking
from widgets.kit.tokens import look
from widgets.kit.web import ASSETS, BINARY, WebView
from widgets.map import feed
from widgets.map.cover import Cover
from widgets.map.feed import Feed
from widgets.map.grounds import Grounds
from widgets.map.page import ensure_page
from widgets.map.placing import Placed, fitted_zoom
from widgets.map.scene import Dots, Scene, scope_area
from widgets.map.spec import LAYERS, MapSettings
from widgets.map.told import page_settings

CODE: Final = Path(__file__).resolve().parent
URGENT_S: Final = 0.2
"""At most five updates a second, for what a person waits for."""
CALM_S: Final = 1.0
"""Movers and values alone: once a second."""
STATES_S: Final = 2.0
_KEYS: Final = {
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Plus: "in",
    Qt.Key.Key_Equal: "in",
    Qt.Key.Key_Minus: "out",
    Qt.Key.Key_Home: "home",
    Qt.Key.Key_F2: "layers",
}
_SYMBOLS: Final = frozenset({"alarm", "camera", "post", "resource"})
_SELECTABLE: Final = _SYMBOLS | {"incident", "sensor"}


class MapPanel(Placed):
    """A map of the host's area. The web view is made after the first paint and ended with the panel."""

    def __init__(self, host: Host, settings: MapSettings) -> None:
        super().__init__()
        self._host = host
        self._settings, self._asking = settings, Asking(host, settings.about)
        self._layers = frozenset(settings.layers) | {"alarms"}
        self._feed = Feed()
        self._scene = Scene(host)
        self._dots = Dots({})
        self._grounds = Grounds(host, self._key("ground"), self._tell_grounds)
        self._web: WebView | None = None
        self._ready = False
        self._told = ""
        self._told_grounds: list[str] = []
        self._view: dict[str, Any] = {}
        self._wanted_view: dict[str, Any] = {}
        self._watched: frozenset[str] = frozenset()
        self._dots_stale = True
        self._dirty = False
        self._urgent = True
        self._chosen = ""
        self._to_show = False
        """What is selected is yet to be brought into sight."""
        self._blinking = False
        self._sent_s = 0.0
        self._states_s = 0.0
        self._deaths = 0
        self._header: Header | None = None
        self._closed = False
        self._painted_once = False
        self._cover = Cover(self, host.text_px)
        self._beat = self._timer(self._send)
        self._opener = self._timer(self._open)
        self._cover.painted.connect(self._order_page)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 90)
        look.changed.connect(self._look_changed)
        blink.changed.connect(self._blinked)
        host.subscribe(Selector(), strategy="latest")
        self._cover.say(self._text_loading())

    def _timer(self, act: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(act)
        return timer

    @property
    def loading(self) -> bool:
        """Whether the placeholder stands in the map's place."""
        return not self._cover.isHidden()

    @property
    def web(self) -> WebView | None:
        """The page's view, None before the first paint and after the end."""
        return self._web

    # ------------------------------------------------------------ the contract

    def update_frame(self, frame: Frame) -> None:
        """Note what changed and plan the next update of the page."""
        if frame.seeked:
            self._dots_stale = self._urgent = self._dirty = True
            self._configure_page()
        if "sensor" in frame.entities:
            self._dots_stale = self._dirty = True
        if frame.selection_changed:
            self._urgent = self._dirty = True
        if frame.entities & _SYMBOLS:
            self._dirty = True
            self._urgent |= "alarm" in frame.entities
        if frame.entities & {"area", "warning"}:
            self._configure_page()
        if "map_layer" in frame.entities:
            self._grounds.want()
            self._tell_grounds()
        if not self._dirty and not self._watched.isdisjoint(frame.sensors):
            self._dirty = True
        if (frame.seeked or frame.selection_changed or frame.entities & {"incident", "area"}) and self._asking.look():
            self._configure_page()
        self._follow(frame)
        if self._dirty or time.monotonic() - self._states_s > STATES_S:
            self._plan()

    def _follow(self, frame: Frame) -> None:
        """Another selection comes into sight; a wall's map of several tiles goes home where there is none any more."""
        if frame.selection_changed and self._host.selection != self._chosen:
            self._chosen = self._host.selection
            self._to_show = bool(self._chosen) and self._settings.follow_selection and self._asking.subject is None
            if not self._chosen and self._host.spanned is not None and self._host.role == "wall":
                self._tell("yilan.goHome()")
        if self._to_show and (frame.selection_changed or frame.entities & _SELECTABLE):
            self._show_selected()

    def configure(self, settings: MapSettings) -> None:
        """Take new settings, language, role or text size."""
        if settings != self._settings:
            self._settings, self._asking = settings, Asking(self._host, settings.about)
            self._layers = frozenset(settings.layers) | {"alarms"}
        self._urgent = self._dirty = True
        self._configure_page()
        self._plan()

    def view_state(self) -> dict[str, Any]:
        """Where the map looks and which layers it shows; of a map over several tiles where the whole looks."""
        return {**self._view, "layers": [n for n in LAYERS if n in self._layers]}

    def restore(self, state: dict[str, Any]) -> None:
        """Look there again; unknown or missing keys change nothing."""
        layers = state.get("layers")
        if isinstance(layers, list):
            self._layers = frozenset(n for n in LAYERS if n in layers) | {"alarms"}
            self._dirty = self._urgent = True
        if all(isinstance(state.get(k), int | float) for k in ("lon", "lat", "zoom")):
            self._wanted_view = {k: float(state[k]) for k in ("lon", "lat", "zoom")}
            self._wanted_view["home"] = state.get("home") is True
            if self._host.spanned is None:  # a whole's zoom is the same for all of its parts
                self._wanted_view["zoom"] = fitted_zoom(state, self.width(), self.height())
            self._go_to_wanted()
        self._configure_page()
        self._plan()

    def freeze(self) -> EvidenceDraft:
        """What the map shows now: where it looks, its symbols with their values, and the picture."""
        marks = self._scene.marks(self._layers, self._settings.plate_priority)
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.grab().save(buffer, "PNG")
        rows = [{"ref": m.ref, "name": m.name, "priority": m.priority, "value": _number(m.value), "unit": m.unit}
                for m in marks if m.kind in (feed.ALARM, feed.SENSOR)]  # fmt: skip
        return EvidenceDraft(
            title=Text("态势图", "Map"),
            t_ns=self._host.now_ns,
            source="map",
            data={
                "view": self._view,
                "layers": sorted(self._layers),
                "symbols": rows,
                "newest_ns": self._scene.newest_ns,
            },
            png=bytes(content.data()),
        )

    @property
    def painted(self) -> int:
        """How many updates the page has painted."""
        return max(self._feed.painted, int(self._painted_once))

    def close_panel(self) -> None:
        """End the page, its process and every timer; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._beat.stop()
        self._opener.stop()
        look.changed.disconnect(self._look_changed)
        blink.changed.disconnect(self._blinked)
        blink.hold(self, False)
        self._host.clear_notice(self._key("died"))
        self._host.clear_notice(self._key("ground"))
        if self._web is not None:
            self._web.end()
            self._web = None

    # ------------------------------------------------------------ the page

    def _order_page(self, _: object) -> None:
        """The placeholder stands: the page may take its time now."""
        if self._web is None and not self._closed and not self._opener.isActive():
            self._opener.start(0)

    def _open(self) -> None:
        if self._web is not None or self._closed:
            return
        try:
            ensure_page()
        except OSError as error:
            self._cover.say(self._text_broken(), str(error))
            return
        folders = {"code": [CODE], "": [ASSETS]}
        self._web = WebView(folders, look.tokens.tile, self)
        self._web.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._web.provide("live", self._feed.answer)
        self._web.provide("ground", self._ground)
        self._web.heard.connect(self._heard)
        self._web.died.connect(self._died)
        self._web.setGeometry(self.rect())
        self._web.show()
        self._cover.raise_()
        self._web.open_page("map/index.html")

    def _ground(self, sha256: str) -> tuple[bytes, str]:
        return self._grounds.file(sha256), BINARY

    def _heard(self, message: dict[str, Any]) -> None:
        act = message.get("do")
        if act == "ready":
            self._keep_keys()
            self._ready, self._told, self._told_grounds = True, "", []
            self._configure_page()
            self._go_to_wanted()
            if self._to_show:
                self._show_selected()
            self._tell_grounds()
            # a page that was loaded anew has nothing, however little has changed since
            if not self._send():
                self._tell(f"yilan.go({_script(blink.on)})")
        elif act == "painted":
            self._painted_once = True
            self._cover.hide()
            self._deaths = 0
            self._host.clear_notice(self._key("died"))
        elif act == "view":
            self._view = {k: message[k] for k in ("lon", "lat", "zoom", "bounds") if k in message}
            if message.get("hand"):
                self._host.moved({k: message[k] for k in ("lon", "lat", "zoom", "home") if k in message})
        elif act in ("select", "focus"):
            self._touched(message, act == "focus")
        elif act == "layer":
            self._toggle(str(message.get("id", "")))

    def _keep_keys(self) -> None:
        """Whatever is clicked, keys belong to this panel and the console's shortcuts, never to the page."""
        inner = self._web.focusProxy() if self._web is not None else None
        if inner is not None:
            inner.setFocusProxy(self)

    def _touched(self, message: dict[str, Any], focus: bool) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        ref = message.get("ref", "")
        dot = message.get("dot")
        if isinstance(dot, int) and 0 <= dot < len(self._dots.ids):
            ref = f"sensor:{self._dots.ids[dot]}"
        if isinstance(ref, str) and ref:
            self._host.select(ref)
            if focus:
                self._host.command("focus")

    def _toggle(self, layer: str) -> None:
        if layer in LAYERS and layer != "alarms":
            self._layers = self._layers ^ {layer}
            if self._host.spanned is not None:
                self._host.moved({"layers": [n for n in LAYERS if n in self._layers]})
            self._dirty = self._urgent = True
            self._configure_page()
            self._plan()

    def _died(self, why: str) -> None:
        self._ready = False
        self._deaths += 1
        summary = Text("地图进程中断，正在重新装入", "The map's process ended; it is being loaded again")
        self._host.notice(Notice(key=self._key("died"), severity=Severity.WARNING, summary=summary, detail=why))
        self._cover.say(self._text_died(), why)
        again = self._timer(self._reload)
        again.start(min(10_000, 250 * 2 ** min(self._deaths, 6)))

    def _reload(self) -> None:
        if self._web is not None:
            self._web.open_page("map/index.html")

    def _key(self, what: str) -> str:
        return f"map.{what}.{id(self):x}"

    # ------------------------------------------------------------ what the page is told

    def _tell(self, script: str) -> None:
        if self._web is not None and self._ready:
            self._web.tell(script)

    def _configure_page(self) -> None:
        subject = self._asking.subject
        told = msgspec.json.encode(page_settings(self._host, self._settings, self._layers, self, subject)).decode()
        if self._ready and told != self._told:
            self._told = told
            self._tell(f"yilan.set({told})")

    def _plan(self) -> None:
        # while something blinks the calm updates come with its phase: one painting for both
        if not self._urgent and (self._beat.isActive() or self._blinking):
            return
        waited = time.monotonic() - self._sent_s
        self._beat.start(max(0, round(1000 * ((URGENT_S if self._urgent else CALM_S) - waited))))

    def _send(self) -> bool:
        """Bring the page up to date; True when it was told to fetch and paint."""
        if self._closed or not self._ready:
            return False
        self._grounds.want()
        self._sent_s = time.monotonic()
        changed = self._put_dots()
        marks = self._scene.marks(self._layers, self._settings.plate_priority)
        changed |= self._feed.put_marks(marks)
        self._watch()
        self._blinking = look.motion and any(m.kind == feed.ALARM and m.bits & feed.FILLED for m in marks)
        blink.hold(self, self._blinking)
        self._dirty = self._urgent = False
        self._configure_page()
        self._show_header()
        if changed:
            self._tell(f"yilan.go({_script(blink.on)})")
        return changed

    def _put_dots(self) -> bool:
        changed = False
        if self._dots_stale:
            self._dots = Dots(self._host.entities(Sensor))
            changed = self._feed.put_dots(self._dots.xy)
            self._dots_stale = False
            self._states_s = 0.0
        if time.monotonic() - self._states_s > STATES_S:
            self._states_s = time.monotonic()
            latest = self._host.latest(self._dots.ids)
            changed |= self._feed.put_states(self._dots.states(latest, self._host.now_ns))
        return changed

    def _watch(self) -> None:
        host = self._host
        moving = [r.position for r in host.entities(Resource).values() if r.position]
        moving += [p.position for p in host.entities(Post).values() if p.position]
        self._watched = self._scene.watched | frozenset(moving)

    def _blinked(self, on: bool) -> None:
        due = time.monotonic() - self._sent_s > CALM_S * 0.9
        if not (self._blinking and self._dirty and due and self._send()):
            self._tell(f"yilan.blinkTo({_script(on)})")

    def _look_changed(self, _tokens: object) -> None:
        if self._web is not None:
            self._web.ground(look.tokens.tile)
        self._cover.update()
        self._configure_page()

    def _show_selected(self) -> None:
        """Bring what is selected into sight, now or once it is known: each machine of a wall comes to the same view."""
        if not self._ready:
            return
        for mark in self._scene.marks(frozenset(LAYERS), self._settings.plate_priority):
            if mark.bits & feed.SELECTED:
                self._tell(f"yilan.show({mark.x!r}, {mark.y!r})")
                self._to_show = False
                return

    def _go_to_wanted(self) -> None:
        if self._ready and self._wanted_view:
            v = self._wanted_view
            self._wanted_view = {}
            self._tell(f"yilan.view({v['lon']!r}, {v['lat']!r}, {v['zoom']!r}, {_script(v['home'])})")

    def _show_header(self) -> None:
        host = self._host
        area = scope_area(host.entities(Area), self._settings.area)
        scope = area.name.of(host.language) if area else ""
        if area and area.area_km2:
            scope = f"{scope} {area.area_km2:.0f} km²"
        on_line = QCoreApplication.translate("Map", "{n} units on line").format(n=self._scene.units_on_line)
        # the age is painted in whole seconds by the host: no need to tell it more often
        newest_ns = self._scene.newest_ns // NS * NS
        header = Header(scope=scope, marks=(on_line,) if self._scene.units_on_line else (), data_ns=newest_ns)
        if header != self._header:
            self._header = header
            host.header(header)

    # ------------------------------------------------------------ the ground

    def _tell_grounds(self) -> None:
        there = self._grounds.there()
        if self._ready and there != self._told_grounds:
            self._told_grounds = there
            self._tell(f"yilan.loadGrounds({msgspec.json.encode(there).decode()})")
            self._configure_page()

    # ------------------------------------------------------------ Qt's hooks

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook."""
        self._urgent = self._dirty = True
        self._grounds.want()
        self._plan()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's hook: a hidden map asks for nothing."""
        self._beat.stop()
        blink.hold(self, False)
        self._blinking = False
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        self._cover.setGeometry(self.rect())
        if self._web is not None:
            self._web.setGeometry(self.rect())
        self._configure_page()
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, + and −, Home, F2 (layers) and 1–8 (one layer); what is not the map's goes on."""
        key = event.key()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.ShiftModifier
        number = key - Qt.Key.Key_1
        if plain and key in _KEYS:
            self._tell(f"yilan.key({_KEYS[Qt.Key(key)]!r})")
        elif plain and key == Qt.Key.Key_M:
            self._show_selected()
        elif plain and 0 <= number < len(LAYERS):
            self._toggle(LAYERS[number])
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------ words

    def _text_loading(self) -> str:
        return QCoreApplication.translate("Map", "Loading the map …")

    def _text_died(self) -> str:
        return QCoreApplication.translate("Map", "The map's process ended; loading it again")

    def _text_broken(self) -> str:
        return QCoreApplication.translate("Map", "The map's page cannot be built")


def _script(flag: object) -> str:
    return "true" if flag else "false"


def _number(value: float) -> float | None:
    return value if value == value else None
