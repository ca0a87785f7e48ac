"""The rows of people and of roles: made from a roster, found by what is typed, painted; no act here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter

from console.api import Area, Host, Roster, RosterPerson, Value
from widgets.kit.buttons import Px
from widgets.kit.finding import Name, find
from widgets.kit.lists import PaintedList, paint_nothing
from widgets.kit.names import short_area
from widgets.kit.text import beijing, draw_elided, font, text_width
from widgets.kit.tokens import look
from widgets.people.actions import OFFICES, action_words, offices
from widgets.people.words import tr

Empty = Callable[[], tuple[str, str]]
"""What stands where there are no rows, and the line under it."""
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
WRAP: Final = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value
WIDE_PX: Final = 760
"""From here on a person takes one line of columns."""


class Row(Value, frozen=True, kw_only=True):
    """One painted row. `standing` is what is out of the ordinary, `strong` whether it is so; `gone`: revoked."""

    key: str
    first: str
    beside: str = ""
    second: str = ""
    account: str = ""
    factors: str = ""
    standing: str = ""
    strong: bool = False
    gone: bool = False
    wall: bool = False


def area_name(host: Host, area: str) -> str:
    """An area's short name; "" is the whole site."""
    if not area:
        return tr("whole site")
    known = host.entities(Area).get(area)
    return short_area(known, host.language) if known is not None else area


def role_name(roster: Roster, role: str, language: str) -> str:
    """A role's title."""
    return next((r.title.of(language) for r in roster.roles if r.id == role), role)


def person_row(host: Host, roster: Roster, person: RosterPerson) -> Row:
    """What the roster says of a person."""
    language = host.language
    roles = ("，" if language == "zh" else ", ").join(
        f"{role_name(roster, role, language)} · {area_name(host, area)}" for role, area in person.roles
    )
    return Row(
        key=person.id,
        first=person.name.of(language) or person.id,
        beside=person.id,
        second=roles or tr("no role"),
        account=person.account or ("" if person.wall else tr("no account")),
        factors=tr("two factors") if person.two_factors else tr("password") if person.account else "",
        standing=_standing(person),
        strong=person.locked or bool(person.revoked_ns),
        gone=bool(person.revoked_ns),
        wall=person.wall,
    )


def _standing(person: RosterPerson) -> str:
    if person.revoked_ns:
        day = f"{beijing(person.revoked_ns):%m-%d} " if person.revoked_ns > 1 else ""
        return tr("revoked {day}{reason}").format(day=day, reason=person.revoked_reason)
    if person.locked:
        return tr("locked for a while")
    if person.wall:
        return tr("wall")
    return tr("{count} logged in").format(count=person.sessions) if person.sessions else tr("not logged in")


def found(rows: list[Row], typed: str) -> list[Row]:
    """The rows in which what was typed stands: names, accounts, roles, areas, by pinyin too."""
    if not typed.strip():
        return rows
    names = [
        Name(id=r.key, shown=r.first, beside="", also=f"{r.beside}{r.account}{r.second}{r.standing}") for r in rows
    ]
    kept = {name.id for name in find(names, typed, most=len(rows))}
    return [row for row in rows if row.key in kept]


def role_rows(host: Host, roster: Roster) -> list[Row]:
    """The roles, with what they allow in words."""
    language, made = host.language, []
    for role in roster.roles:
        count = sum(any(r == role.id for r, _ in p.roles) and not p.revoked_ns for p in roster.people)
        held = [OFFICES[office].of(language) for office in offices([role])]
        words = action_words(role.allows, language)
        if role.denies:
            words = f"{words}\n{tr('Never: {what}').format(what=action_words(role.denies, language))}"
        marks = ([tr("looks only")] if role.view_only else []) + held
        people = tr("{count} people").format(count=count)
        title = role.title.of(language) or role.id
        offices_ = " · ".join(marks)
        made.append(Row(key=role.id, first=title, beside=role.id, second=words, account=offices_, standing=people))
    return made


class PeopleList(PaintedList):
    """People. Typing goes to the filter, Insert adds, Delete revokes.

    Signals:
        typed: text that was typed here.
        asked: name of the act whose key was pressed: "put", "revoke".
    """

    typed = Signal(object)
    asked = Signal(object)

    def __init__(self, host: Host, px: Px, empty: Empty) -> None:
        super().__init__()
        self._host, self._px, self._empty = host, px, empty
        self.rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        """Replace the rows."""
        self.rows = rows
        px = self._px
        self.set_rows([row.key for row in rows], max(px(34 if self._wide() else 52), self._host.target_px))

    def _wide(self) -> bool:
        return self.viewport().width() >= self._px(WIDE_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Insert:
            self.asked.emit("put")
        elif event.key() == Qt.Key.Key_Delete:
            self.asked.emit("revoke")
        elif event.text().isprintable() and event.text().strip() and not event.modifiers():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        row, px, t = self.rows[index], self._px, look.tokens
        box = rect.adjusted(px(12), 0, -px(12), 0)
        if self._wide():
            self._paint_wide(p, box, row)
            return
        top = QRectF(box.left(), box.top() + px(6), box.width(), px(20))
        low = QRectF(box.left(), box.bottom() - px(25), box.width(), px(18))
        p.setFont(font(px(12)))
        wide = min(text_width(row.standing, px(12)), box.width() * 0.5)
        p.setPen(t.text if row.strong else t.text2)
        draw_elided(p, QRectF(box.right() - wide - 2, top.top(), wide + 2, top.height()), RIGHT, row.standing)
        self._paint_name(p, top.adjusted(0, 0, -wide - px(10), 0), row)
        p.setPen(t.text2)
        p.setFont(font(px(12)))
        right = " · ".join(part for part in (row.account, row.factors) if part)
        beside = text_width(right, px(12))
        draw_elided(p, low, RIGHT, right)
        draw_elided(p, low.adjusted(0, 0, -beside - px(12), 0), LEFT, row.second)

    def _paint_name(self, p: QPainter, box: QRectF, row: Row) -> None:
        px, t = self._px, look.tokens
        p.setFont(font(px(13), bold=not row.gone))
        p.setPen(t.muted if row.gone else t.text)
        draw_elided(p, box, LEFT, row.first)
        used = text_width(row.first, px(13), bold=not row.gone) + px(10)
        if used + text_width(row.beside, px(12)) <= box.width():
            p.setFont(font(px(12)))
            p.setPen(t.text2)
            draw_elided(p, box.adjusted(used, 0, 0, 0), LEFT, row.beside)

    def _paint_wide(self, p: QPainter, box: QRectF, row: Row) -> None:
        px, t = self._px, look.tokens
        edges = [0.0, 0.2, 0.56, 0.69, 0.78, 1.0]
        cells = [
            QRectF(box.left() + box.width() * a, box.top(), box.width() * (b - a) - px(10), box.height())
            for a, b in pairwise(edges)
        ]
        self._paint_name(p, cells[0], row)
        p.setFont(font(px(12)))
        p.setPen(t.muted if row.gone else t.text)
        draw_elided(p, cells[1], LEFT, row.second)
        p.setPen(t.text2)
        draw_elided(p, cells[2], LEFT, row.account)
        draw_elided(p, cells[3], LEFT, row.factors)
        p.setPen(t.text if row.strong else t.text2)
        draw_elided(p, cells[4].adjusted(0, 0, px(10), 0), RIGHT, row.standing)

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        paint_nothing(p, rect, self._px, *self._empty())


class RoleList(PaintedList):
    """Roles, each with all that it allows."""

    def __init__(self, px: Px, empty: Empty) -> None:
        super().__init__()
        self._px, self._empty = px, empty
        self.rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        """Replace the rows."""
        self.rows = rows
        px = self._px
        box = QRectF(0, 0, max(px(80), self.viewport().width() - px(24)), 1e5)
        metrics = QFontMetricsF(font(px(12)))
        heights = [px(46) + metrics.boundingRect(box, WRAP, row.second).height() for row in rows]
        self.set_rows([row.key for row in rows], heights)

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        row, px, t = self.rows[index], self._px, look.tokens
        box = rect.adjusted(px(12), px(8), -px(12), -px(8))
        head = QRectF(box.left(), box.top(), box.width(), px(20))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        right = " · ".join(part for part in (row.account, row.standing) if part)
        draw_elided(p, head, RIGHT, right)
        p.setFont(font(px(13), bold=True))
        p.setPen(t.text)
        draw_elided(p, head.adjusted(0, 0, -text_width(right, px(12)) - px(12), 0), LEFT, row.first)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        p.drawText(box.adjusted(0, px(24), 0, 0), WRAP, row.second)

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        paint_nothing(p, rect, self._px, *self._empty())
