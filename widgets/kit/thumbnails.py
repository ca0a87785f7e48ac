"""A wall's screens as they look now, small, each with its age; knows no panel and not what stands on the wall.

A picture that has grown old never looks live: it is hatched, and its age stands on the fault's fill; one that is lost
is dark, with since when. Whatever stands over a picture wears the night's colours, by day too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from console.api import Feed, PictureState
from widgets.kit.hanging import Hanging, Hung, hanging, screen_name
from widgets.kit.shapes import fault_chip_rect, paint_fault_chip, paint_plug
from widgets.kit.standing import paint_dark, paint_veil
from widgets.kit.text import age_text, clock_text, draw_elided, font, text_width
from widgets.kit.tokens import night

translate = QCoreApplication.translate
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
WORDS_FROM: Final = 9.0
"""A thumbnail of fewer ems in width bears no words but its age."""


class Thumbnails:
    """See the module.

    Args:
        open_feed: opens the pictures of "wall:<wall>/<screen>"; they are closed by `close`, or once another is shown.
        changed: told when something is to be painted anew.
    """

    def __init__(self, open_feed: Callable[[str], Feed], changed: Callable[[], None]) -> None:
        self._open, self._changed = open_feed, changed
        self._wall = self._toml = ""
        self.hanging = Hanging()
        self.feeds: dict[str, Feed] = {}
        """By the screen's name."""

    def show(self, wall: str, toml: str, *, seen: bool = True) -> None:
        """From now on show this wall with the screens of this scene; `seen` False: nobody looks, nothing is read."""
        if toml != self._toml:
            self._toml, self.hanging = toml, hanging(toml)
        wanted = {one.name for one in self.hanging.screens} if seen else set()
        for name in [name for name in self.feeds if name not in wanted or wall != self._wall]:
            self.feeds.pop(name).close()
        self._wall = wall
        for name in wanted - self.feeds.keys():
            feed = self.feeds[name] = self._open(f"wall:{wall}/{name}")
            feed.on_picture(self._changed)

    def close(self) -> None:
        """Read nothing more."""
        for feed in self.feeds.values():
            feed.close()
        self.feeds.clear()

    @property
    def newest_ns(self) -> int:
        """When the newest of the pictures was taken, node time; 0 never."""
        return max((feed.last_t_ns for feed in self.feeds.values()), default=0)

    def fitted(self, area: QRectF) -> QRectF:
        """Where the whole wall stands in an area, in its own shape."""
        wide = min(area.width(), area.height() * self.hanging.aspect)
        whole = QRectF(0, 0, wide, wide / self.hanging.aspect)
        whole.moveCenter(area.center())
        return whole

    def paint(
        self,
        p: QPainter,
        area: QRectF,
        em: float,
        now_ns: int,
        language: str,
        *,
        ratio: float = 1.0,
        wrong: Mapping[str, str] | None = None,
    ) -> None:
        """Paint all screens.

        Args:
            em: the smallest text, logical px; `ratio` device px a logical one.
            wrong: what is wrong with a screen, by its name: its picture is then not how it looks.
        """
        whole = self.fitted(area)
        for one in self.hanging.screens:
            box = QRectF(
                whole.left() + one.x * whole.width(),
                whole.top() + one.y * whole.height(),
                one.width * whole.width(),
                one.height * whole.height(),
            )
            feed = self.feeds.get(one.name)
            if feed is not None:
                feed.resize(round(box.width() * ratio), round(box.height() * ratio))
            p.save()
            p.setClipRect(box, Qt.ClipOperation.IntersectClip)
            _paint_screen(p, box, one, feed, (wrong or {}).get(one.name, ""), em, now_ns, language)
            p.restore()


def _paint_screen(
    p: QPainter, box: QRectF, one: Hung, feed: Feed | None, wrong: str, em: float, now_ns: int, language: str
) -> None:
    t = night()
    p.fillRect(box, t.canvas)
    picture = feed.picture() if feed is not None else None  # first: one that cannot be read makes another state
    state = feed.state if feed is not None else PictureState.CONNECTING
    if wrong:
        state = PictureState.LOST
    if picture is not None:
        height, width = picture.bgra.shape[:2]
        image = QImage(picture.bgra.data, width, height, width * 4, QImage.Format.Format_RGB32)
        target = QRectF(0, 0, box.width(), box.width() * height / width)
        if target.height() > box.height():
            target = QRectF(0, 0, box.height() * width / height, box.height())
        target.moveCenter(box.center())
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        p.drawImage(target, image)
        if state is PictureState.STALE:
            paint_veil(p, box)
        elif state is not PictureState.LIVE:
            paint_dark(p, box)
    if state is PictureState.LOST or picture is None:
        _paint_why(p, box, state, wrong, feed.last_t_ns if feed is not None else 0, em)
    _paint_foot(
        p, box, screen_name(one.name, language), state, feed.last_t_ns if feed is not None else 0, em, now_ns, language
    )
    p.setPen(QPen(t.line, 1))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _paint_why(p: QPainter, box: QRectF, state: PictureState, wrong: str, last_ns: int, em: float) -> None:
    """Why there is no picture, or none that counts."""
    t = night()
    lost = state is PictureState.LOST
    since = translate("Thumbnails", "lost since {time}").format(time=clock_text(last_ns)) if last_ns else ""
    words = wrong or (since if lost else translate("Thumbnails", "waiting for a picture"))
    words = words or translate("Thumbnails", "no picture")
    side = 1.8 * em
    room = box.adjusted(0.3 * em, 0, -0.3 * em, -1.6 * em)
    if box.width() < WORDS_FROM * em or room.height() < 3.6 * em:
        if lost:
            paint_plug(p, QRectF(room.center().x() - side / 2, room.center().y() - side / 2, side, side), t.fault)
        return
    top = room.center().y() - 1.7 * em
    if lost:
        paint_plug(p, QRectF(room.center().x() - side / 2, top, side, side), t.fault)
    p.setFont(font(em))
    p.setPen(t.text if lost else t.muted)
    draw_elided(p, QRectF(room.left(), top + side, room.width(), 1.6 * em), CENTRE, words)


def _paint_foot(
    p: QPainter,
    box: QRectF,
    name: str,
    state: PictureState,
    last_ns: int,
    em: float,
    now_ns: int,
    language: str,
) -> None:
    """The screen's name, and how old its picture is."""
    t = night()
    foot = QRectF(box.left(), box.bottom() - 1.6 * em, box.width(), 1.6 * em)
    plate = QColor(t.canvas)
    plate.setAlphaF(0.78)
    p.fillRect(foot, plate)
    right = foot.right() - 0.4 * em
    age = age_text((now_ns - last_ns) / 1e9, language) if last_ns else ""
    p.setFont(font(em))
    if age and state is PictureState.LIVE:
        p.setPen(t.text2)
        wide = text_width(age, em)
        p.drawText(QRectF(right - wide - 1, foot.top(), wide + 2, foot.height()), MIDDLE.value, age)
        right -= wide
    elif age:
        chip = fault_chip_rect(QPointF(0, 0), age, font(em))
        right -= chip.width()
        paint_fault_chip(p, QPointF(right, foot.center().y()), age, font(em), tokens=t)
    if box.width() >= WORDS_FROM * em:
        p.setFont(font(em))
        p.setPen(t.text if state is PictureState.LIVE else t.text2)
        draw_elided(
            p, QRectF(foot.left() + 0.4 * em, foot.top(), right - foot.left() - em, foot.height()), MIDDLE, name
        )
