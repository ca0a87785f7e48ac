"""One camera's cell of the grid: its feed and how it is painted; knows neither its neighbours nor what is chosen.

Whatever stands over or beside a picture wears the night's colours, by day too. A frozen picture never looks live:
stale is hatched and dimmed with the age on the fault's fill, lost is dark with a plug and since when.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from console.api import Feed, Picture, PictureState, Spanned, Value
from widgets.kit.afar import whole_words
from widgets.kit.shapes import fault_chip_rect, paint_badge, paint_camera, paint_fault_chip, paint_plug
from widgets.kit.standing import paint_dark, paint_veil
from widgets.kit.text import clock_text, draw_elided, duration_text, font, text_width
from widgets.kit.tokens import mixed, night
from widgets.video.placing import Shown, shown_of
from widgets.video.released import NO_RECORDING

translate = QCoreApplication.translate
MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
MOST_CROPPED: Final = 0.24
"""A picture fills its cell where no more than this share of it is cut off; else it is shown whole."""


Row = tuple[str, float, QColor]
"""Words, their size and colour."""


class Event(Value, frozen=True):
    """What a camera sees of an alarm."""

    priority: int
    words: str
    acknowledged: bool = False
    returned: bool = False


class Cell:
    """A camera in a cell; `changed(whole)` is told when it has something new to paint."""

    def __init__(self, camera_id: str, name: str, feed: Feed, changed: Callable[[Cell, bool], None]) -> None:
        self.camera_id, self.name, self.feed = camera_id, name, feed
        self.rect = QRect()
        self.spanned: Spanned | None = None
        """Which part of one picture over several tiles this is; the bar then lies over the first of them."""
        self.head = 0
        """What the window lays over its upper edge, px: the bar of a part stands below."""
        self.bar_end = 0
        """Where the bar's words end before what the window lays over them; 0 for the cell's edge."""
        self.away = ""
        """How far from what the grid is about; it stands where the age of a live picture does."""
        self.brief = False
        """True (walls): nobody reads seconds there, a live picture bears no age."""
        self.event: Event | None = None
        self.outlined = False
        self.pictures = 0
        """How many different pictures were painted."""
        self._changed = changed
        self._state = PictureState.CONNECTING
        self.shown: Shown | None = None
        self._picture: Picture | None = None
        self._asked = (0, 0)
        feed.on_picture(self._arrived)

    def close(self) -> None:
        """Let go of the camera; the last picture goes too."""
        self.feed.close()
        self._picture = None

    def _arrived(self) -> None:
        state = self.feed.state
        self._changed(self, state is not self._state)
        self._state = state

    # ------------------------------------------------------------------ measure

    def place(self, rect: QRect, em: float, ratio: float) -> None:
        """Take a place in the grid (logical px) and ask for pictures of that size; `ratio` device px a px."""
        self.rect = rect
        area = self._whole(QRectF(self.picture_rect(em)))
        aspect = 16 / 9
        if self._picture is not None:
            height, width = self._picture.bgra.shape[:2]
            aspect = width / height
        covers = _cropped(area.width() / max(1, area.height()), aspect) <= MOST_CROPPED
        by_width = area.width() / aspect >= area.height()
        wide = area.width() if by_width == covers else area.height() * aspect
        asked = (max(2, round(wide * ratio)), max(2, round(wide / aspect * ratio)))
        if asked != self._asked:
            self._asked = asked
            self.feed.resize(*asked)

    def bar_rect(self, em: float) -> QRect:
        """The dark bar with name and age."""
        if self.spanned is not None and self.spanned.part:
            return QRect()
        return QRect(self.rect.left(), self.rect.top() + self.head, self.rect.width(), round(1.75 * em))

    def picture_rect(self, em: float) -> QRect:
        """Where the picture stands."""
        if self.spanned is not None:
            return self.rect
        return self.rect.adjusted(0, round(1.75 * em), 0, 0)

    def _whole(self, area: QRectF) -> QRectF:
        """Where the whole picture stands of which `area` shows a part; in the middle of a window of another shape."""
        part = self.spanned
        if part is None:
            return area
        scale = min(area.width() / part.width / part.size_mm[0], area.height() / part.height / part.size_mm[1])
        wide, high = part.size_mm[0] * scale, part.size_mm[1] * scale
        x = area.center().x() - (part.x + part.width / 2) * wide
        return QRectF(x, area.center().y() - (part.y + part.height / 2) * high, wide, high)

    # ------------------------------------------------------------------ painting

    def paint(self, p: QPainter, em: float, now_ns: int, language: str, filled: bool, bar: bool) -> None:
        """Paint the picture and, where `bar`, the bar above; `filled` is the phase of what blinks."""
        area = QRectF(self.picture_rect(em))
        p.save()
        p.setClipRect(area)
        state = self.feed.state
        if state is not self._state and not bar:
            # the picture is hatched before anyone was told: its bar must not go on saying 0.1 s
            self._changed(self, True)
        self._state = state
        self._paint_picture(p, area, state)
        if state is PictureState.CONNECTING:
            self._paint_waiting(p, area, em)
        elif state is PictureState.LOST:
            self._paint_lost(p, area, em)
        if self.event is not None and (self.spanned is None or not self.spanned.part):
            self._paint_event(p, area, em, self.event, filled)
        p.restore()
        if bar:
            self._paint_bar(p, em, now_ns, language, state)
        if self.outlined and self.spanned is None:  # an outline would run along the bezels
            width = max(2.0, em / 6)
            pen = QPen(night().focus, width)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            p.setPen(pen)
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(QRectF(self.rect).adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def _paint_picture(self, p: QPainter, area: QRectF, state: PictureState) -> None:
        t = night()
        picture = self.feed.picture()
        if picture is None:
            p.fillRect(area, t.canvas)
            return
        if self._picture is None or self._picture.serial != picture.serial:
            self.pictures += 1
        self._picture = picture
        height, width = picture.bgra.shape[:2]
        image = QImage(picture.bgra.data, width, height, width * 4, QImage.Format.Format_RGB32)
        whole = self._whole(area)
        source, target = _fitted(QRectF(0, 0, width, height), whole)
        if target != whole or whole != area:
            p.fillRect(area, t.canvas)
        exact = abs(source.width() - target.width()) < 1 and abs(source.height() - target.height()) < 1
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
        self.shown = shown_of(self.camera_id, (width, height), source, target)
        p.drawImage(target, image, source)
        if state is PictureState.STALE:
            paint_veil(p, area)
        elif state is not PictureState.LIVE:
            paint_dark(p, area)

    def _paint_waiting(self, p: QPainter, area: QRectF, em: float) -> None:
        t = night()
        side = 1.8 * em
        top = area.center().y() - 1.4 * em
        paint_camera(p, QRectF(area.center().x() - side / 2, top - 0.3 * em, side, side), t.muted)
        p.setFont(font(self._small(em)))
        p.setPen(t.muted)
        words = translate("Video", "connecting")
        draw_elided(p, QRectF(area.left(), top + side, area.width(), 1.6 * em), CENTRE, words)

    def _paint_lost(self, p: QPainter, area: QRectF, em: float) -> None:
        t = night()
        if self.feed.detail == NO_RECORDING:
            rows = [
                (translate("Video", "no recording in a replay"), em, t.text),
                (translate("Video", "live feed released"), self._small(em), t.text2),
            ]
            self._paint_rows(p, area, em, rows, paint_camera, t.muted)
            return
        since = self.feed.last_t_ns
        words = translate("Video", "lost since {time}").format(time=clock_text(since)) if since else ""
        rows = [(words or translate("Video", "never received"), em, t.text)]
        rows.append((reason_text(self.feed.detail), self._small(em), t.text2))
        self._paint_rows(p, area, em, rows, paint_plug, t.fault)

    def _paint_rows(
        self, p: QPainter, area: QRectF, em: float, rows: list[Row], sign: Callable[..., None], ink: QColor
    ) -> None:
        """A sign and words in place of a picture; of two rows the second only where there is room."""
        free = area.adjusted(0.4 * em, 0, -0.4 * em, -1.62 * em if self.event is not None else 0)
        rows = rows if free.height() >= 5.4 * em else rows[:1]
        side = 2.2 * em
        top = free.center().y() - (side + len(rows) * 1.5 * em) / 2
        sign(p, QRectF(area.center().x() - side / 2, top, side, side), ink)
        for k, (row, px, shade) in enumerate(rows):
            p.setFont(font(px))
            p.setPen(shade)
            draw_elided(p, QRectF(free.left(), top + side + k * 1.5 * em, free.width(), 1.6 * em), CENTRE, row)

    def _paint_event(self, p: QPainter, area: QRectF, em: float, event: Event, filled: bool) -> None:
        t = night()
        colours = t.priority[event.priority]
        waits = not event.acknowledged
        px = self._small(em)
        height = 1.62 * em
        said = whole_words(event.words, px, area.width() - 2.3 * em, bold=waits) if self.brief else event.words
        width = min(area.width(), text_width(said, px, waits) + 2.3 * em)
        plate = QRectF(area.left(), area.bottom() - height, width, height)
        solid = waits and filled and not event.returned
        p.fillRect(plate, colours.fill if solid else mixed(t.canvas, t.tile, 0.5))
        shape = QRectF(plate.left() + 0.4 * em, plate.center().y() - 0.55 * em, 1.1 * em, 1.1 * em)
        p.setFont(font(px, waits))
        if solid:
            # the plate is the badge's fill: its number stands alone on it
            p.setPen(colours.fill_text)
            p.drawText(shape, CENTRE.value, str(event.priority))
        else:
            paint_badge(p, shape, event.priority, filled=False, check=event.returned, tokens=t)
            p.setPen(colours.line)
        words = QRectF(plate.left() + 1.85 * em, plate.top(), plate.width() - 2.0 * em, plate.height())
        draw_elided(p, words, MIDDLE, said)

    def _paint_bar(self, p: QPainter, em: float, now_ns: int, language: str, state: PictureState) -> None:
        t = night()
        bar = QRectF(self.bar_rect(em))
        p.fillRect(bar, t.canvas)
        inner = bar.adjusted(0.55 * em, 0, -0.55 * em, 0)
        if self.bar_end:
            inner.setRight(min(inner.right(), self.bar_end - 0.3 * em))
        face = font(self._small(em))
        right = inner.right()
        age_s = (now_ns - self.feed.last_t_ns) / 1e9 if self.feed.last_t_ns else -1.0
        if state is PictureState.LIVE:
            words = self.away or ("" if self.brief else live_age(age_s, language))
            wide = text_width(words, self._small(em))
            if self.brief and wide + 0.5 * em + text_width(self.name, em) > inner.width():
                words, wide = "", 0.0  # the name comes first
            p.setFont(face)
            p.setPen(t.text2)
            p.drawText(QRectF(right - wide - 1, inner.top(), wide + 2, inner.height()), MIDDLE.value, words)
            right -= wide
        elif state is not PictureState.CONNECTING and self.feed.detail != NO_RECORDING:
            words = duration_text(age_s, language) if age_s >= 0 else translate("Video", "no picture")
            chip = fault_chip_rect(QPointF(0, 0), words, face)
            right -= chip.width() - 0.3 * em
            paint_fault_chip(p, QPointF(right, inner.center().y()), words, face, tokens=t)
        p.setFont(font(em))
        p.setPen(t.text if state is PictureState.LIVE else t.text2)
        room = QRectF(inner.left(), inner.top(), right - inner.left() - 0.5 * em, inner.height())
        name = whole_words(self.name, em, room.width()) if self.brief else ""
        draw_elided(p, room, MIDDLE, name or self.name)

    def _small(self, em: float) -> float:
        """The smaller text, px; nothing on a wall is smaller than its em."""
        return em if self.brief else 0.92 * em


def live_age(age_s: float, language: str) -> str:
    """ "0.1 s", rounded up: a picture is never said to be younger than it is."""
    return f"{max(0.1, -(-age_s * 10 // 1) / 10):.1f} s"


def reason_text(detail: str) -> str:
    """Why a picture is lost, in the screen's language; unknown words stay as they are."""
    known = {
        "timeout": translate("Video", "no answer"),
        "silent": translate("Video", "sends nothing"),
        "ended": translate("Video", "the camera ended the connection"),
        "refused": translate("Video", "connection refused"),
        "not found": translate("Video", "the address is not known there"),
        "login": translate("Video", "login refused"),
        "bad data": translate("Video", "data cannot be decoded"),
        "no video": translate("Video", "no picture in the stream"),
        "decoder restarts": translate("Video", "the decoder restarts"),
        "no link to the node": translate("Video", "no link to the node"),
        "no address": translate("Video", "the node does not give it now"),
    }
    return known.get(detail, detail)


def _cropped(a: float, b: float) -> float:
    """The share that is cut off where a picture of aspect b fills a cell of aspect a."""
    return 1 - min(a, b) / max(a, b)


def _fitted(picture: QRectF, area: QRectF) -> tuple[QRectF, QRectF]:
    """(part of the picture, part of the area): the area filled with little cut off, or the whole picture within."""
    a, b = area.width() / max(1.0, area.height()), picture.width() / picture.height()
    if _cropped(a, b) <= MOST_CROPPED:
        wide, tall = (picture.width(), picture.width() / a) if a > b else (picture.height() * a, picture.height())
        source = QRectF(0, 0, wide, tall)
        source.moveCenter(picture.center())
        return source, area
    wide, tall = (area.height() * b, area.height()) if a > b else (area.width(), area.width() / b)
    target = QRectF(0, 0, wide, tall)
    target.moveCenter(area.center())
    return picture, target
