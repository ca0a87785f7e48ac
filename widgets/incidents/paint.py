"""Paints the rows of an incident's detail; knows how they look, and nothing of how they come about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from console.api import Host, Incident, IncidentPhase, IncidentRecord, ReportDue, ReportLine, TimelineLine
from widgets.incidents import words
from widgets.incidents.rows import LABEL_PX, WHEN_PX, Row
from widgets.kit.shapes import paint_badge, paint_cross
from widgets.kit.text import draw_elided, duration_text, font, text_width
from widgets.kit.tokens import look

translate = words.translate
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
WRAPPED: Final = Qt.TextFlag.TextWordWrap.value
GRAVE: Final = 2
"""Grades up to this one bear a filled block, the others an outline."""

UNGRADED: Final = ("未定级", "Ungraded")


def paint_grade(p: QPainter, rect: QRectF, grade: int, language: str, least: float = 0.0) -> None:
    """The grade as a block: its word over "II 级"; grave ones filled, not graded a dashed line without a hue."""
    t = look.tokens
    graded = 1 <= grade <= 4
    colours = t.priority[grade if graded else 4]
    filled = graded and grade <= GRAVE
    rim = max(1.5, rect.height() / 28)
    line = colours.line if graded else t.text2
    pen = QPen(colours.rim if filled else line, rim)
    if not graded:
        pen.setStyle(Qt.PenStyle.DashLine)
    p.setPen(pen)
    p.setBrush(colours.fill if filled else Qt.BrushStyle.NoBrush)
    p.drawRect(rect.adjusted(rim / 2, rim / 2, -rim / 2, -rim / 2))
    p.setPen(colours.fill_text if filled else line)
    english = language == "en"
    size = min(rect.height() * 0.36, rect.width() * (0.25 if english else 0.3))
    if not graded:
        p.setFont(font(max(least, size * (0.72 if english else 0.9)), bold=True))
        p.drawText(rect, CENTRE, UNGRADED[english])
        return
    word, numeral = words.GRADES[grade]
    half = rect.height() / 2
    p.setFont(font(max(least, size), bold=True))
    p.drawText(QRectF(rect.left(), rect.top() + half * 0.1, rect.width(), half), CENTRE, word.of(language))
    p.setFont(font(max(least, size * 0.8), bold=True))
    text = numeral if english else f"{numeral} 级"
    p.drawText(QRectF(rect.left(), rect.top() + half * 0.95, rect.width(), half * 0.9), CENTRE, text)


def grade_width(grade: int, language: str, em: float) -> float:
    """How wide the block of a grade must be so that its words are `em` px high."""
    said = [UNGRADED[language == "en"]]
    if 1 <= grade <= 4:
        word, numeral = words.GRADES[grade]
        said = [word.of(language), numeral if language == "en" else f"{numeral} 级"]
    return max(text_width(one, em, bold=True) for one in said) + em * 0.4


class Painter:
    """Paints rows of one incident; give it what it speaks of with `of`."""

    def __init__(self, host: Host, px: Callable[[float], float]) -> None:
        self._host, self._px = host, px
        self.incident = Incident(id="")
        self.record: IncidentRecord | None = None
        self.now_ns = host.now_ns

    def of(self, incident: Incident, record: IncidentRecord | None, now_ns: int) -> None:
        """Speak of this incident at this time."""
        self.incident, self.record, self.now_ns = incident, record, now_ns

    @property
    def _language(self) -> str:
        return self._host.language

    def row(self, p: QPainter, rect: QRectF, row: Row) -> None:
        """Paint one row in its rectangle."""
        painters: dict[str, Callable[[QPainter, QRectF, Row], None]] = {
            "head": self._head,
            "phases": self._phases,
            "scales": self._scales,
            "unkept": self._unkept,
            "clash": self._clash,
            "title": self._title,
            "fact": self._fact,
            "masked": self._fact,
            "owed": self._owed,
            "sent": self._sent,
            "line": self._line,
            "note": self._note,
        }
        painters[row.kind](p, rect, row)

    def _text(
        self,
        p: QPainter,
        rect: QRectF,
        text: str,
        size: float,
        ink: QColor,
        align: Qt.AlignmentFlag = LEFT,
        *,
        bold: bool = False,
    ) -> None:
        # nothing on a wall is smaller than its text
        p.setFont(font(self._px(max(size, 13) if self._host.role == "wall" else size), bold=bold))
        p.setPen(ink)
        draw_elided(p, rect, align, text)

    def _wrapped(self, p: QPainter, rect: QRectF, text: str, size: float, ink: QColor) -> None:
        p.setFont(font(self._px(size)))
        p.setPen(ink)
        p.drawText(rect, WRAPPED, text)

    # ------------------------------------------------------------------ what it is

    def _head(self, p: QPainter, rect: QRectF, row: Row) -> None:
        px, t, incident, language = self._px, look.tokens, self.incident, self._language
        top, right = rect.top() + px(11), rect.right() - px(12)
        paint_grade(p, QRectF(rect.left() + px(10), top, px(56), px(44)), incident.grade, language)
        left = rect.left() + px(80)
        seconds = (
            max(0.0, ((incident.closed_ns or self.now_ns) - incident.started_ns) / 1e9) if incident.started_ns else 0.0
        )
        running = duration_text(seconds - seconds % 60 if seconds >= 60 else seconds, language)
        wide = text_width(running, px(17)) + px(10)
        self._text(p, QRectF(right - wide, top - px(2), wide, px(26)), running, 17, t.text, RIGHT)
        title = incident.title.of(language)
        self._text(p, QRectF(left, top - px(2), right - wide - left, px(26)), title, 16, t.text, bold=True)
        since = words.when(incident.started_ns, self.now_ns)
        word = (
            translate("Incident", "closed")
            if incident.closed_ns
            else translate("Incident", "since {time}").format(time=since)
        )
        wide = text_width(word, px(12)) + px(10)
        self._text(p, QRectF(right - wide, top + px(24), wide, px(20)), word, 12, t.text2, RIGHT)
        area = words.area_of(self._host, incident.area)
        place = incident.place.of(language)
        where = place if area and area in place else " ".join(x for x in (area, place) if x)
        parts = [incident.number, where]
        self._text(
            p, QRectF(left, top + px(24), right - wide - left, px(20)), " · ".join(x for x in parts if x), 12, t.text2
        )

    def _clash(self, p: QPainter, rect: QRectF, row: Row) -> None:
        px, t = self._px, look.tokens
        box = QRectF(rect.left() + px(12), rect.center().y() - px(8), px(11), px(11))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(QPen(t.fault, 1.6))
        p.drawRect(box)
        p.drawRect(box.translated(px(5), px(5)))
        left, count = rect.left() + px(38), self.incident.contested
        if self.incident.conflict:
            head = translate("Incident", "Conflict: acts that had not seen each other stand side by side")
        else:
            head = translate("Incident", "Contested: {count} acts are listed and not applied").format(count=count)
        self._text(
            p, QRectF(left, rect.top() + px(4), rect.right() - left - px(8), px(20)), head, 13, t.fault, bold=True
        )
        tip = translate("Incident", "Look at the timeline; the next act that has seen both settles it.")
        self._text(p, QRectF(left, rect.top() + px(22), rect.right() - left - px(8), px(18)), tip, 12, t.text2)

    def _unkept(self, p: QPainter, rect: QRectF, row: Row) -> None:
        px, t = self._px, look.tokens
        left, wide = rect.left() + px(12), rect.width() - px(24)
        head = translate("Incident", "Kept by its source; there is no record here")
        self._text(p, QRectF(left, rect.top() + px(6), wide, px(22)), head, 13, t.text, bold=True)
        tip = translate("Incident", "Take it on to verify, grade, report and close it here.")
        self._text(p, QRectF(left, rect.top() + px(28), wide, px(20)), tip, 12, t.text2)

    # ------------------------------------------------------------------ where it stands

    def _phases(self, p: QPainter, rect: QRectF, row: Row) -> None:
        px, t, language = self._px, look.tokens, self._language
        steps = words.phases(self.incident)
        cell = (rect.width() - px(16)) / max(1, len(steps))
        y, r = rect.top() + px(19), px(7)
        names = [words.phase_word(phase, language) for phase, _ in steps]
        roomy = max(text_width(n, px(12), bold=True) for n in names) <= cell - px(4) if names else False
        for i, (name, (_phase, state)) in enumerate(zip(names, steps, strict=True)):
            x = rect.left() + px(8) + cell * (i + 0.5)
            if i:
                p.fillRect(
                    QRectF(x - cell + r + px(3), y - px(1), cell - 2 * r - px(6), px(2)),
                    t.data if state in ("done", "now") else t.line,
                )
            self._dot(p, QPointF(x, y), r, state)
            if roomy:
                self._step_name(p, QRectF(x - cell / 2, y + px(10), cell, px(20)), name, state)
        if not roomy:
            self._present_step(p, rect, y, cell, names, steps)

    def _step_name(self, p: QPainter, box: QRectF, name: str, state: str) -> None:
        t = look.tokens
        ink = {"now": t.text, "next": t.text, "done": t.text2}.get(state, t.muted)
        self._text(p, box, name, 12, ink, CENTRE, bold=state == "now")

    def _present_step(
        self, p: QPainter, rect: QRectF, y: float, cell: float, names: list[str], steps: list[tuple[IncidentPhase, str]]
    ) -> None:
        """Where there is no room for all names: where it stands, and what is next."""
        px, t = self._px, look.tokens
        here = next((i for i, (_, state) in enumerate(steps) if state == "now"), 0)
        after = names[here + 1] if here + 1 < len(names) else ""
        tail = translate("Incident", "next: {step}").format(step=after) if after else ""
        wide, more = text_width(names[here], px(12), bold=True), text_width(tail, px(12))
        total = wide + (px(14) + more if tail else 0)
        left = rect.left() + px(8) + cell * (here + 0.5) - wide / 2
        left = max(rect.left() + px(8), min(left, rect.right() - px(8) - total))
        box = QRectF(left, y + px(10), wide + px(4), px(20))
        self._text(p, box, names[here], 12, t.text, bold=True)
        self._text(p, QRectF(box.right() + px(10), box.top(), more + px(4), px(20)), tail, 12, t.text2)

    def _dot(self, p: QPainter, at: QPointF, r: float, state: str) -> None:
        t = look.tokens
        p.setBrush(Qt.BrushStyle.NoBrush)
        if state == "done":
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(t.data)
            p.drawEllipse(at, r, r)
            p.setPen(QPen(t.tile, max(1.4, r / 4)))
            p.drawPolyline(
                QPolygonF(
                    [at + QPointF(-r * 0.5, 0), at + QPointF(-r * 0.1, r * 0.42), at + QPointF(r * 0.55, -r * 0.4)]
                )
            )
        elif state == "now":
            p.setPen(QPen(t.text, max(1.6, r / 3.5)))
            p.drawEllipse(at, r, r)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(t.text)
            p.drawEllipse(at, r * 0.42, r * 0.42)
        elif state == "next":
            p.setPen(QPen(t.text2, max(1.2, r / 5)))
            p.drawEllipse(at, r, r)
            p.drawPolyline(
                QPolygonF(
                    [at + QPointF(-r * 0.2, -r * 0.42), at + QPointF(r * 0.3, 0), at + QPointF(-r * 0.2, r * 0.42)]
                )
            )
        else:
            p.setPen(QPen(t.muted, max(1.0, r / 6), Qt.PenStyle.DotLine))
            p.drawEllipse(at, r, r)

    def _scales(self, p: QPainter, rect: QRectF, row: Row) -> None:
        """Three scales side by side, each with a shape of its own, its word and its letter."""
        incident, language, t = self.incident, self._language, look.tokens
        unsaid = translate("Incident", "not said")
        grade = words.GRADES.get(incident.grade)
        graded = f"{grade[0].of(language)} {grade[1]}" if grade else unsaid
        colour = words.colour_word(incident.warning_colour, language) or unsaid
        level = incident.response_level if 0 < incident.response_level <= 4 else 0
        said = translate("Incident", "Level {numeral}").format(numeral=words.NUMERALS[level]) if level else unsaid
        cells = (
            (translate("Incident", "Grade"), graded, t.priority[incident.grade].line if grade else t.muted),
            (
                translate("Incident", "Warning"),
                colour,
                t.priority[incident.warning_colour].line if 0 < incident.warning_colour <= 4 else t.muted,
            ),
            (translate("Incident", "Level"), said, t.text if level else t.muted),
        )
        wide = rect.width() / 3
        for i, (label, value, ink) in enumerate(cells):
            self._scale(p, QRectF(rect.left() + i * wide, rect.top(), wide, rect.height()), i, label, value, ink)

    def _scale(self, p: QPainter, cell: QRectF, i: int, label: str, value: str, ink: QColor) -> None:
        px, t, incident = self._px, look.tokens, self.incident
        if i:
            p.fillRect(QRectF(cell.left(), cell.top() + px(8), 1, cell.height() - px(16)), t.line)
        mark = QRectF(cell.left() + px(12), cell.top() + px(17), px(20), px(20))
        if i == 0:
            self._bars(p, mark, incident.grade, ink) if not 1 <= incident.grade <= 4 else paint_badge(
                p, mark, incident.grade, filled=False, ground=t.tile
            )
        elif i == 1:
            self._pennant(p, mark, incident.warning_colour, ink)
        else:
            self._bars(p, mark, incident.response_level, ink)
        left = mark.right() + px(8)
        room = cell.right() - left - px(4)
        self._text(p, QRectF(left, cell.top() + px(7), room, px(18)), label, 12, t.text2)
        self._text(p, QRectF(left, cell.top() + px(25), room, px(22)), value, 14, ink, bold=True)

    def _pennant(self, p: QPainter, rect: QRectF, colour: int, ink: QColor) -> None:
        """A warning's flag with the first letter of its colour: no shape of the grades."""
        said = 1 <= colour <= 4
        p.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(ink, max(1.3, rect.width() / 13))
        if not said:
            pen.setStyle(Qt.PenStyle.DotLine)
        p.setPen(pen)
        w, h, o = rect.width(), rect.height(), rect.topLeft()
        shape = [(0.05, 0.0), (0.95, 0.0), (0.95, 0.72), (0.5, 1.0), (0.05, 0.72)]
        p.drawPolygon(QPolygonF([QPointF(o.x() + w * x, o.y() + h * y) for x, y in shape]))
        if said:
            letter = ("", "红", "橙", "黄", "蓝")[colour] if self._language == "zh" else " ROYB"[colour]
            p.setFont(font(h * 0.52, bold=True))
            p.drawText(rect.adjusted(0, -h * 0.1, 0, -h * 0.1), CENTRE, letter)

    def _bars(self, p: QPainter, rect: QRectF, level: int, ink: QColor) -> None:
        """Four rising bars, more of them full the higher the level: no hue of its own."""
        t = look.tokens
        full = 5 - level if 1 <= level <= 4 else 0
        gap, wide = rect.width() / 14, (rect.width() - 3 * rect.width() / 14) / 4
        for i in range(4):
            height = rect.height() * (0.4 + 0.2 * i)
            bar = QRectF(rect.left() + i * (wide + gap), rect.bottom() - height, wide, height)
            if i < full:
                p.fillRect(bar, ink)
            else:
                p.setPen(QPen(t.line, 1))
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))

    # ------------------------------------------------------------------ what is known, what went out

    def _title(self, p: QPainter, rect: QRectF, row: Row) -> None:
        px, t = self._px, look.tokens
        title, scope = row.data
        self._text(p, rect.adjusted(px(12), 0, 0, 0), title, 13, t.text, bold=True)
        left = px(12) + text_width(title, px(13), bold=True) + px(10)
        self._text(p, rect.adjusted(left, 0, -px(8), 0), scope, 12, t.text2)

    def _fact(self, p: QPainter, rect: QRectF, row: Row) -> None:
        px, t = self._px, look.tokens
        what, text = row.data
        label = QRectF(rect.left() + px(12), rect.top(), px(LABEL_PX), px(26))
        self._text(p, label, what, 12, t.text2)
        where = QRectF(
            rect.left() + px(12 + LABEL_PX), rect.top() + px(4), rect.width() - px(LABEL_PX + 24), rect.height() - px(4)
        )
        self._wrapped(p, where, text or translate("Incident", "not said"), 13, t.text if text else t.muted)

    def _owed(self, p: QPainter, rect: QRectF, row: Row) -> None:
        due: ReportDue = row.data
        px, t, language = self._px, look.tokens, self._language
        gone = words.share(due, self.now_ns)
        left_words, mark = words.remaining(due, self.now_ns, language)
        late = gone >= 1.0
        name = words.report_name(due.kind, due.number, language)
        left, right = rect.left() + px(12), rect.right() - px(12)
        word = f"{mark}　{left_words}" if mark and not late else left_words
        bold = late or gone >= 0.8
        wide = text_width(word, px(13), bold=bold) + px(8)
        self._text(
            p,
            QRectF(right - wide, rect.top() + px(3), wide, px(22)),
            word,
            13,
            t.text if bold else t.text2,
            RIGHT,
            bold=bold,
        )
        if late:
            sign = QRectF(right - wide - px(18), rect.top() + px(6), px(16), px(16))
            p.setPen(QPen(t.text, 1.4))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(sign.adjusted(1, 1, -1, -1))
            p.setFont(font(px(12), bold=True))
            p.drawText(sign, CENTRE, "!")
        until = words.when(due.due_ns, self.now_ns)
        label = f"{name}　{translate('Incident', 'by {time}').format(time=until)}"
        self._text(p, QRectF(left, rect.top() + px(3), right - wide - left - px(22), px(22)), label, 13, t.text)
        self._clock(p, QRectF(left, rect.top() + px(29), right - left, px(5)), gone)

    def _clock(self, p: QPainter, bar: QRectF, gone: float) -> None:
        """How much of the limit is gone, with ticks where one is warned."""
        t, px = look.tokens, self._px
        p.fillRect(bar, t.line)
        ink = t.text if gone >= 0.8 else t.data
        p.fillRect(QRectF(bar.left(), bar.top(), bar.width() * min(1.0, max(0.0, gone)), bar.height()), ink)
        for mark in words.MARKS:
            x = min(bar.right() - 1, bar.left() + bar.width() * mark)
            p.fillRect(QRectF(x - 0.5, bar.top() - px(3), 1.5, bar.height() + px(6)), t.text2)

    def _sent(self, p: QPainter, rect: QRectF, row: Row) -> None:
        line: ReportLine = row.data
        px, t, language = self._px, look.tokens, self._language
        left, right = rect.left() + px(12), rect.right() - px(12)
        box = QRectF(left, rect.top() + px(8), px(12), px(12))
        p.setPen(QPen(t.data, 1.6))
        points = [(0.1, 0.55), (0.4, 0.85), (0.95, 0.2)]
        p.drawPolyline(
            QPolygonF([QPointF(box.left() + box.width() * x, box.top() + box.height() * y) for x, y in points])
        )
        time = words.when(line.t_ns, self.now_ns)
        who = words.person(self._host, line.by)
        tail = f"{who}　{time}"
        wide = text_width(tail, px(12)) + px(8)
        self._text(p, QRectF(right - wide, rect.top(), wide, px(28)), tail, 12, t.text2, RIGHT)
        name = words.report_name(line.kind, line.number, language)
        to = f"{name} → {line.to}"
        self._text(p, QRectF(left + px(20), rect.top(), right - wide - left - px(24), px(28)), to, 13, t.text)
        under = QRectF(left + px(20), rect.top() + px(22), right - left - px(20), px(20))
        if line.against:
            sign = QRectF(under.left(), under.center().y() - px(6), px(12), px(12))
            paint_cross(p, sign, t.text)
            self._text(p, under.adjusted(px(16), 0, 0, 0), line.against, 12, t.text, bold=True)
        elif line.text:
            self._text(p, under, line.text, 12, t.text2)

    def _line(self, p: QPainter, rect: QRectF, row: Row) -> None:
        line: TimelineLine
        line, what, text, contested = row.data
        px, t = self._px, look.tokens
        x = rect.left() + px(WHEN_PX - 8)
        p.fillRect(QRectF(x - 0.5, rect.top(), 1, rect.height()), t.line)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(t.fault if contested else t.data)
        p.drawEllipse(QPointF(x, rect.top() + px(14)), px(3.2), px(3.2))
        time = words.when(line.t_ns, self.now_ns) or "—"
        self._text(p, QRectF(rect.left() + px(4), rect.top(), px(WHEN_PX - 20), px(28)), time, 12, t.text2, RIGHT)
        left = rect.left() + px(WHEN_PX + 4)
        right = rect.right() - px(12)
        who = words.person(self._host, line.by)
        wide = text_width(who, px(12)) + px(8)
        self._text(p, QRectF(right - wide, rect.top(), wide, px(28)), who, 12, t.text2, RIGHT)
        head = f"{translate('Incident', 'not applied')}　{what}" if contested else what
        self._text(
            p,
            QRectF(left, rect.top(), right - wide - left, px(28)),
            head,
            13,
            t.fault if contested else t.text,
            bold=True,
        )
        if text:
            self._wrapped(p, QRectF(left, rect.top() + px(25), right - left, rect.height() - px(26)), text, 13, t.text)

    def _note(self, p: QPainter, rect: QRectF, row: Row) -> None:
        self._text(p, rect.adjusted(self._px(12), 0, -self._px(8), 0), row.data, 12, look.tokens.text2)
