"""Command posts first, then vehicles and teams: link, status, place, age; a cut one says since when."""

from __future__ import annotations

import math
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout

from console.api import (
    NS,
    Area,
    ChannelKind,
    Frame,
    Freshness,
    Header,
    Host,
    Incident,
    Post,
    Resource,
    Selector,
    Sensor,
    Text,
    Value,
)
from widgets.kit.afar import Caption
from widgets.kit.body import PanelBody
from widgets.kit.covers import right_of
from widgets.kit.lists import PaintedList
from widgets.kit.names import short_area
from widgets.kit.shapes import paint_fault_chip, paint_flag, paint_hatch, paint_house, paint_vehicle
from widgets.kit.subject import Asking, distance_text
from widgets.kit.text import age_text, draw_elided, font, text_width
from widgets.kit.tokens import look
from widgets.posts.spec import PostsSettings

translate = QCoreApplication.translate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROW_PX: Final = {"desk": 34, "vehicle": 48, "wall": 23.4}
LINE: Final = "line"
LINES_FROM: Final = 2.0
"""A wall's tile that has room for so many rows shows rows, a lower one a single line."""
MARKS: Final = {"flag": paint_flag, "vehicle": paint_vehicle, "house": paint_house}

FAST_KBIT_S: Final = 100_000
"""A link from here on is named without its rate: nobody waits for it."""


class Row(Value, frozen=True):
    """One painted row. `cut_s` NaN-free: how long the link has been down in s, −1 while it is up.

    `mark`: flag, vehicle or house; `age` "" where nothing was ever heard. `far_m`: as the crow flies from what is
    asked about, −1 where that is not known.
    """

    ref: str
    mark: str
    name: str
    link: str
    place: str
    age: str
    cut_s: float = -1.0
    queued: int = 0
    stale: bool = False
    far_m: float = -1.0

    @property
    def far(self) -> str:
        """The distance in words, "" not known."""
        return distance_text(self.far_m) if self.far_m >= 0 else ""


class PostList(PaintedList):
    """The rows."""

    def __init__(self, owner: PostsPanel) -> None:
        super().__init__()
        self._owner = owner
        self.rows: list[Row] = []

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        row, px, t = self.rows[index], self._owner.px, look.tokens
        if row.cut_s >= 0:
            paint_hatch(p, rect, t.line)
        left, right = rect.left() + px(12), rect.right() - px(10)
        side = px(20)
        mark = QRectF(left, rect.center().y() - side / 2, side, side)
        MARKS[row.mark](p, mark, t.muted if row.stale or row.cut_s >= 0 else t.text2)
        x = left + px(28)
        room = right - x
        end = self._paint_end(p, row, rect, right)
        p.setPen(t.text)
        p.setFont(font(px(13)))
        draw_elided(p, QRectF(x, rect.top(), room * 0.35, rect.height()), LEFT, row.name)
        second, third = x + room * 0.36, x + room * 0.58
        if row.cut_s >= 0:
            text = translate("Posts", "{age} ago").format(age=age_text(row.cut_s, self._owner.host.language))
            chip = paint_fault_chip(p, QPointF(second, rect.center().y()), text, font(px(12)))
            third = max(third, chip.right() + px(6))
        else:
            p.setFont(font(px(12)))
            p.setPen(t.text2)
            draw_elided(p, QRectF(second, rect.top(), third - second - px(6), rect.height()), LEFT, row.link)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        where = " · ".join(part for part in (row.far, row.place) if part)
        draw_elided(p, QRectF(third, rect.top(), end - third - px(6), rect.height()), LEFT, where)

    def _paint_end(self, p: QPainter, row: Row, rect: QRectF, right: float) -> float:
        """What waits to be sent, or the age; returns where it begins."""
        px, t = self._owner.px, look.tokens
        text = row.age
        if row.queued:
            text = translate("Posts", "waits {count}").format(count=row.queued)
        p.setFont(font(px(12)))
        wide = text_width(text, px(12))
        p.setPen(t.fault if row.stale and not row.queued else t.text2)
        draw_elided(p, QRectF(right - wide - 2, rect.top(), wide + 2, rect.height()), RIGHT, text)
        return right - wide

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        px, t = self._owner.px, look.tokens
        x, width = rect.left() + px(16), rect.width() - px(32)
        p.setFont(font(px(20)))
        p.setPen(t.text)
        if self._owner.host.role == "wall":
            low, said = QRectF(x, 0, width, min(rect.height(), px(68))), translate("Posts", "No posts or teams known")
            if text_width(said, px(20)) > width:
                p.setFont(font(px(13)))
            draw_elided(p, low, LEFT, said)
            return
        draw_elided(p, QRectF(x, px(20), width, px(28)), LEFT, translate("Posts", "No posts or teams known"))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        hint = translate("Posts", "Posts, vehicles and teams that a source reports appear here.")
        draw_elided(p, QRectF(x, px(52), width, px(20)), LEFT, hint)


class WallLine(PostList):
    """On a wall: the posts, and how many teams are there, in one line; in a higher tile a row for each, the busy teams
    among them. `far_px`: the room that distances take at the right end."""

    far_px = 0.0

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        owner = self._owner
        em = owner.host.text_px
        if self.keys != (LINE,):
            self._paint_place(p, rect, self.rows[index], em)  # its own: the panel's are empty while it is configured
            return
        text = translate("Posts", "{count} teams on scene").format(count=owner.on_scene)
        p.setFont(font(em))
        p.setPen(look.tokens.text)
        box = QRectF(rect.left(), rect.top(), rect.width() - em * 0.4, rect.height())
        draw_elided(p, box, RIGHT, text)
        right = box.right() - text_width(text, em) - em * 0.6
        x = rect.left() + em * 0.4
        for row in owner.rows:
            # what does not fit is left out: the cut ones stand first
            wide = self._width(row, em)
            if row.ref.startswith("post:") and x + wide <= right:
                self._paint_post(p, rect, row, x, em)
                x += wide + em * 0.8

    def _paint_place(self, p: QPainter, rect: QRectF, row: Row, em: float) -> None:
        """Mark, name and state, and where it is if that fits too."""
        # the mode's word stands on a corner of the screen
        x, right = rect.left() + em * 0.4, min(rect.right(), right_of(self.viewport(), rect.toAlignedRect())) - em * 0.4
        self._paint_post(p, rect, row, x, em)
        x += self._width(row, em) + em
        p.setFont(font(em))
        if row.far:
            p.setPen(look.tokens.text)
            p.drawText(QRectF(right - self.far_px, rect.top(), self.far_px, rect.height()), RIGHT, row.far)
        right -= self.far_px
        if row.place and row.place != row.link and x + text_width(row.place, em) < right:
            p.setPen(look.tokens.text2)
            p.drawText(QRectF(x, rect.top(), right - x, rect.height()), RIGHT, row.place)

    def _state(self, row: Row) -> str:
        if row.cut_s < 0:
            return row.link
        return translate("Posts", "cut {age}").format(age=age_text(row.cut_s, self._owner.host.language))

    def _width(self, row: Row, em: float) -> float:
        chip = em * 1.3 if row.cut_s >= 0 else 0.0
        return em * 1.1 + text_width(row.name, em) + em * 0.35 + text_width(self._state(row), em) + chip

    def _paint_post(self, p: QPainter, rect: QRectF, row: Row, x: float, em: float) -> None:
        t = look.tokens
        MARKS[row.mark](p, QRectF(x, rect.center().y() - em * 0.45, em * 0.9, em * 0.9), t.text2)
        x += em * 1.1
        p.setFont(font(em))
        p.setPen(t.text)
        wide = text_width(row.name, em)
        p.drawText(QRectF(x, rect.top(), wide + 4, rect.height()), LEFT, row.name)
        x += wide + em * 0.35
        if row.cut_s >= 0:
            paint_fault_chip(p, QPointF(x, rect.center().y()), self._state(row), font(em))
            return
        p.setPen(t.text2)
        p.setFont(font(em))
        p.drawText(QRectF(x, rect.top(), rect.right() - x, rect.height()), LEFT, self._state(row))


class PostsPanel(PanelBody[PostsSettings]):
    """See the module. Selecting a row selects the post or resource for the whole console."""

    title = Text("指挥部与队伍", "Posts and teams")

    def __init__(self, host: Host, settings: PostsSettings) -> None:
        super().__init__(host, settings)
        self.rows: list[Row] = []
        self.on_scene = 0
        self._wall = host.role == "wall"
        self._line = WallLine(self) if self._wall else None
        self._list = self._line or PostList(self)
        self._list.whole_rows_only = self._wall
        self._caption = Caption(lambda: host.text_px)
        self._asking = Asking(host, settings.about)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._caption)
        column.addWidget(self._list, 1)
        self._list.chosen.connect(lambda key: host.select(str(key)))
        self._list.opened.connect(lambda _key: host.command("map.show"))
        self.setFocusProxy(self._list)
        self._second = -1
        host.subscribe(Selector(channels=(ChannelKind.POSITION,)))

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        if frame.seeked or frame.selection_changed or frame.entities & {Incident.CLS, Area.CLS, Sensor.CLS}:
            if self._asking.look():
                self.rows = []
            self._second = -1
        if frame.seeked or frame.entities & {Post.CLS, Resource.CLS, Area.CLS} or second != self._second:
            self._second = second
            self._fill()
        if not self._wall:
            self._list.select(self.host.selection, reveal=frame.selection_changed)

    def _fill(self) -> None:
        posts = sorted(self.host.entities(Post).values(), key=lambda post: (post.mobile, post.id))
        moving = [r for r in self.host.entities(Resource).values() if self._listed(r)]
        moving.sort(key=lambda r: (not r.busy, r.name.zh))
        rows = [self._post(post) for post in posts] + [self._resource(resource) for resource in moving]
        if self._asking.subject is not None:
            rows.sort(key=lambda row: row.far_m if row.far_m >= 0 else math.inf)
        cut = sum(row.cut_s >= 0 for row in rows)
        self.on_scene = sum(r.busy for r in moving)
        if rows != self.rows:
            self.rows = self._list.rows = rows
            if self._wall:
                self._fill_wall(rows, [f"resource:{r.id}" for r in moving if r.busy])
            else:
                self._list.set_rows([row.ref for row in rows], self.px(ROW_PX[self.host.role]))
        scope = translate("Posts", "{count} cut off").format(count=cut) if cut else translate("Posts", "all on line")
        right = translate("Posts", "{count} in all").format(count=len(rows))
        scope = self._asking.words(scope)
        self.host.header(Header(scope=scope if rows else "", data_ns=self.host.link.last_data_ns, right=right))

    def _fill_wall(self, rows: list[Row], busy: list[str]) -> None:
        """The posts, those that are cut off first; the busy teams too where there is room for rows.

        Of an incident: posts and all teams, the nearest first.
        """
        height, row_px = max(float(self.height()), 1.0), self.px(ROW_PX["wall"])
        near = self._asking.subject is not None and any(row.far_m >= 0 for row in rows)
        parts = (self._asking.place(), self.title.of(self.host.language))
        straight = translate("Posts", "straight distance") if near else ""
        spare = height - 3 * row_px if self._asking.subject is not None or self.settings.about else 0.0
        height -= self._caption.say(spare, *parts, straight)
        high = height >= LINES_FROM * row_px
        if high and near and self._line is not None:
            self.rows = self._line.rows = rows
            self._line.far_px = max(text_width(row.far, self.host.text_px) for row in rows) + self.host.text_px * 0.6
            self._line.set_rows([row.ref for row in rows], row_px)
            return
        if self._line is not None:
            self._line.far_px = 0.0
        rank = [row for row in rows if row.ref.startswith("post:") and (row.age or high)]
        rank.sort(key=lambda row: (row.cut_s < 0, row.ref))
        self.rows = [*rank, *(row for row in rows if row.ref in busy)] if high else rank
        if high:
            self._list.rows = self.rows
            self._list.set_rows([row.ref for row in self.rows], row_px)
        else:
            self._list.set_rows([LINE], height)

    def _far(self, position: str, lon: float | None, lat: float | None) -> float:
        """Metres from what is asked about, by the last position heard, else by its own place; −1 unknown."""
        subject = self._asking.subject
        if subject is None:
            return -1.0
        if position:
            heard = self.host.latest([position])
            if heard.t_ns[0] and heard.v.ndim == 2:
                lon, lat = float(heard.v[0, 0]), float(heard.v[0, 1])
        metres = subject.distance_m(lon, lat)
        return metres if math.isfinite(metres) else -1.0

    def _listed(self, resource: Resource) -> bool:
        kinds = self.settings.kinds
        return resource.kind in kinds if kinds else bool(resource.position)

    def _heard(self, position: str) -> tuple[str, bool]:
        """(age of the last position, whether it is stale)."""
        if not position:
            return "", False
        t_ns = int(self.host.latest([position]).t_ns[0])
        if not t_ns:
            return translate("Posts", "never"), True
        stale = self.host.freshness(position) is not Freshness.LIVE
        return age_text((self.now_ns - t_ns) / NS, self.host.language), stale

    def _post(self, post: Post) -> Row:
        language = self.host.language
        age, stale = self._heard(post.position)
        link = post.link_name.of(language) or translate("Posts", "on line")
        if 0 < post.link_kbit_s < FAST_KBIT_S:
            rate = f"{post.link_kbit_s:.0f}k" if post.link_kbit_s < 1000 else f"{post.link_kbit_s / 1000:.0f}M"
            link = f"{link} {rate}"
        if self._wall:
            link = post.status.of(language)
        people = translate("Posts", "{count} on duty").format(count=post.members) if post.members else ""
        return Row(
            ref=f"post:{post.id}",
            mark="flag",
            name=_brief(post.name.of(language)) if self._wall else post.name.of(language),
            link=link,
            place=post.place.of(language) or post.status.of(language) or people,
            age=age,
            cut_s=-1.0 if post.link_up else (self.now_ns - post.link_since_ns) / NS,
            queued=0 if post.link_up else post.queued,
            stale=stale,
            far_m=self._far(post.position, post.lon, post.lat),
        )

    def _resource(self, resource: Resource) -> Row:
        language = self.host.language
        age, stale = self._heard(resource.position)
        area = self.host.entities(Area).get(resource.area)
        place = resource.task.of(language) or (short_area(area, language) if area is not None else "")
        return Row(
            ref=f"resource:{resource.id}",
            mark="vehicle" if resource.position else "house",
            name=resource.name.of(language),
            link=resource.status.of(language),
            place=place,
            age=age,
            stale=stale,
            far_m=self._far(resource.position, resource.lon, resource.lat),
        )

    def configure(self, settings: Any) -> None:
        """Take new settings; the rows are made anew."""
        self.rows = []
        super().configure(settings)
        self._asking = Asking(self.host, settings.about)
        self._second = -1

    def evidence(self) -> Any:
        """The rows as they stand."""
        return [
            {"ref": row.ref, "name": row.name, "link": row.link, "cut_s": row.cut_s, "far_m": row.far_m}
            for row in self.rows
        ]


def _brief(name: str) -> str:
    """A post's name for a wall: 移动指挥部 2 → 移动 2."""
    return name.replace("指挥部", "").replace("command post", "").replace("  ", " ").strip() or name
