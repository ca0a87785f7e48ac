"""An incident as a hall reads it from eight metres: nothing below the wall's em, and what does not fit is left out.

What matters most comes first when room is short: what it is, its next report, how it is answered, who was hurt. Where
little is known it is written larger.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from console.api import Host, Incident, IncidentRecord, ReportDue, TimelineLine
from widgets.incidents import brief, words
from widgets.incidents.paint import grade_width, paint_grade
from widgets.kit.afar import lines_of, whole_words
from widgets.kit.covers import right_of
from widgets.kit.shapes import paint_badge
from widgets.kit.text import clock_text, draw_elided, font, text_width, value_text
from widgets.kit.tokens import look

translate = QCoreApplication.translate
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
EDGE: Final = 0.5
"""Room left and right of everything, em."""
LINE: Final = 1.5
"""Height of a line, em."""
LINES_OF_TEXT: Final = 2
"""What somebody wrote into the timeline is shown in so many lines at most."""
MOST_REPORTS: Final = 2
MOST_LINES: Final = 8
SURE_LINES: Final = 3
"""So many lines of the timeline are worth more than larger letters."""
GROWTH: Final = (1.5, 1.4, 1.3, 1.2, 1.1, 1.0)
"""By what everything is written larger, where there is room for all of it."""
LEAST_WIDTH: Final = 22.0
"""Nothing is written larger that then has fewer em in a line."""


class Block(NamedTuple):
    """A part of the picture: `rank` 0 is never left out, the highest first; `paint` gets its rectangle."""

    rank: int
    height: float
    paint: Callable[[QPainter, QRectF], None]


class WallDetail(QWidget):
    """See the module; the host's em and language are read anew with every picture."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host
        self._incident = Incident(id="")
        self._record: IncidentRecord | None = None
        self._now_ns = host.now_ns
        self._growth = 1.0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_incident(self, incident: Incident, record: IncidentRecord | None, now_ns: int) -> None:
        """Show this one as of now."""
        self._incident, self._record, self._now_ns = incident, record, now_ns
        self.update()

    @property
    def _em(self) -> float:
        return self._host.text_px * self._growth

    def _grow(self) -> None:
        """Write as large as leaves nothing out that should be there."""
        for self._growth in GROWTH:
            if self.width() < LEAST_WIDTH * self._em:
                continue
            wanted = [block for block in self.blocks() if block.rank < 100 + SURE_LINES]
            if sum(block.height for block in wanted) + 0.6 * self._em <= self.height():
                return

    @property
    def _language(self) -> str:
        return self._host.language

    # ------------------------------------------------------------------ what there is

    def blocks(self) -> list[Block]:
        """Everything that is known, top to bottom."""
        em, incident, record = self._em, self._incident, self._record
        made = [self._head(), *self._times()]
        if self._answer():
            made.append(Block(3, LINE * em, self._paint_answer))
        if record is not None:
            made.append(Block(4, LINE * em, self._paint_casualties))
        if brief.fact(incident, self._language) and not self._fact_is_casualties():
            made.append(Block(5, 1.7 * em, self._paint_count))
        owed = record.owed[:MOST_REPORTS] if record is not None else ()
        made += [Block(1 + 5 * i, 1.9 * em, self._report(due)) for i, due in enumerate(owed)]
        lines = record.timeline[: -MOST_LINES - 1 : -1] if record is not None else ()
        made += [self._line(line, i) for i, line in enumerate(lines)]
        return made

    def _fact_is_casualties(self) -> bool:
        told = self._record.facts.casualties if self._record is not None else None
        return told is not None and any(told) and "死" in self._incident.fact.zh

    def chosen(self, height: float) -> list[Block]:
        """The blocks that fit into a height, the most important first, in their order; of the timeline no line is
        left out between two that are shown."""
        all_ = self.blocks()
        left, kept = height, set()
        for i in sorted(range(len(all_)), key=lambda i: all_[i].rank):
            if all_[i].height > left and all_[i].rank:
                if all_[i].rank >= 100:
                    break
                continue
            left -= all_[i].height
            kept.add(i)
        return [block for i, block in enumerate(all_) if i in kept]

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        p.fillRect(event.rect(), look.tokens.tile)
        if not self._incident.id:
            return
        self._grow()
        em = self._em
        y = 0.3 * em
        for block in self.chosen(self.height() - y):
            block.paint(p, QRectF(EDGE * em, y, self.width() - 2 * EDGE * em, block.height))
            y += block.height

    def _text(
        self,
        p: QPainter,
        rect: QRectF,
        text: str,
        ink: QColor,
        *,
        size: float = 1.0,
        bold: bool = False,
        align: Qt.AlignmentFlag = LEFT,
    ) -> float:
        """One line of whole words; its width."""
        px = size * self._em
        text = whole_words(text, px, rect.width(), bold=bold) or text
        p.setFont(font(px, bold=bold))
        p.setPen(ink)
        draw_elided(p, rect, align, text)
        return text_width(text, px, bold)

    def _grade_width(self) -> float:
        return max(self._em * 2.6, grade_width(self._incident.grade, self._language, self._em))

    def _head(self) -> Block:
        """Grade, title in one line or two, place."""
        em = self._em
        left = EDGE * em + self._grade_width() + 0.5 * em
        line = QRectF(left, 0, self.width() - left - EDGE * em, LINE * em).toAlignedRect()
        room = min(float(line.right()), right_of(self, line) - 0.3 * em) - left
        title = self._incident.title.of(self._language) or self._incident.number
        titles = lines_of(title, 1.3 * em, room, 2, bold=True)
        height = max(2.9, 1.65 * len(titles) + LINE) * em

        def paint(p: QPainter, rect: QRectF) -> None:
            t = look.tokens
            block = QRectF(rect.left(), rect.top() + 0.1 * em, self._grade_width(), 2.6 * em)
            paint_grade(p, block, self._incident.grade, self._language, em)
            x, y = block.right() + 0.5 * em, rect.top() - 0.15 * em
            for one in titles:
                p.setFont(font(1.3 * em, bold=True))
                p.setPen(t.text)
                draw_elided(p, QRectF(x, y - 0.15 * em, room + 2, 1.95 * em), LEFT, one)
                y += 1.65 * em
            self._text(p, QRectF(x, y - 0.1 * em, rect.right() - x, LINE * em), self._where(), t.text2)

        return Block(0, height, paint)

    def _where(self) -> str:
        area = words.area_of(self._host, self._incident.area)
        place = self._incident.place.of(self._language)
        known = self._record.facts.place if self._record is not None and not place else place
        where = known if area and area in known else " ".join(part for part in (area, known) if part)
        return where or translate("Incidents", "place not known")

    def _time(self) -> list[str]:
        """Since when, how long, when it was closed."""
        incident, language = self._incident, self._language
        since = brief.when(incident, self._now_ns, language) if incident.started_ns else ""
        parts = [translate("Incidents", "since {time}").format(time=since)] if since else []
        if incident.closed_ns:
            closed = brief.when_of(incident.closed_ns, self._now_ns, language)
            parts.append(translate("Incidents", "closed {time}").format(time=closed))
        elif span := brief.running(incident, self._now_ns, language):
            parts.append(translate("Incidents", "{span} so far").format(span=span))
        return parts

    def _due(self) -> str:
        """The next report where nobody keeps a clock of it here."""
        kept = self._record is not None and bool(self._record.owed)
        said, _late = brief.due(self._incident, self._now_ns, self._language)
        return "" if kept or self._incident.closed_ns else said

    def _times(self) -> list[Block]:
        """In one line where there is room, else the next report by itself."""
        em, time, due = self._em, "　".join(self._time()), self._due()
        together = "　".join(part for part in (time, due) if part)
        fits = text_width(together, em) <= self.width() - 2 * EDGE * em
        said = [(1 if due else 2, together)] if fits else [(2, time), (1, due)]
        return [Block(rank, LINE * em, self._plain(text)) for rank, text in said if text]

    def _plain(self, text: str) -> Callable[[QPainter, QRectF], None]:
        def paint(p: QPainter, rect: QRectF) -> None:
            self._text(p, rect, text, look.tokens.text2)

        return paint

    def _answer(self) -> str:
        """The phase and the response, each once."""
        incident, language = self._incident, self._language
        phase = words.phase_word(incident.phase, language) if incident.phase is not None else ""
        response = incident.response.of(language)
        level = incident.response_level if 1 <= incident.response_level <= 4 else 0
        numeral = words.NUMERALS[level]
        said = translate("Incidents", "response {numeral}").format(numeral=numeral) if level else ""
        parts = [phase if phase not in response else "", said if numeral not in response.split() else "", response]
        return "　".join(part for part in parts if part)

    def _paint_answer(self, p: QPainter, rect: QRectF) -> None:
        """What is done about it, and the warning's colour with its shape."""
        em, t, colour = self._em, look.tokens, self._incident.warning_colour
        if 1 <= colour <= 4:
            word = words.colour_word(colour, self._language)
            said = translate("Incidents", "{colour} warning").format(colour=word)
            wide = text_width(said, em) + em
            mark = QRectF(rect.right() - wide, rect.center().y() - 0.38 * em, 0.76 * em, 0.76 * em)
            paint_badge(p, mark, colour, filled=False, number=False, ground=t.tile)
            self._text(p, rect, said, t.priority[colour].line, align=RIGHT)
            rect = rect.adjusted(0, 0, -wide - 0.6 * em, 0)
        self._text(p, rect, self._answer(), t.text)

    def _paint_casualties(self, p: QPainter, rect: QRectF) -> None:
        """Dead, hurt, missing; nobody having said so is not zero."""
        em, t = self._em, look.tokens
        told = self._record.facts.casualties if self._record is not None else None
        label = translate("Incidents", "Casualties")
        names = (translate("Incidents", "dead"), translate("Incidents", "hurt"), translate("Incidents", "missing"))
        counts = [] if told is None else [(name, str(count)) for name, count in zip(names, told, strict=True)]
        wide = sum(text_width(name, em) + 0.3 * em + text_width(count, 1.3 * em, True) for name, count in counts)
        x = rect.left()
        if told is None or wide + text_width(label, em) + 2.2 * em <= rect.width():  # else the counts say it themselves
            x += self._text(p, rect, label, t.text2) + 0.6 * em
        if told is None:
            room = QRectF(x, rect.top(), rect.right() - x, rect.height())
            self._text(p, room, translate("Incidents", "not reported yet"), t.muted)
        gap = min(0.8 * em, max(0.2 * em, (rect.right() - x - wide) / 2.1))
        for name, count in counts:
            x += self._text(p, QRectF(x, rect.top(), rect.right() - x, rect.height()), name, t.text2) + 0.3 * em
            box = QRectF(x, rect.top(), rect.right() - x + 1, rect.height())
            x += self._text(p, box, count, t.text, size=1.3, bold=count != "0") + gap

    def _paint_count(self, p: QPainter, rect: QRectF) -> None:
        paint_count(p, rect, self._incident, self._em, self._language)

    def _report(self, due: ReportDue) -> Callable[[QPainter, QRectF], None]:
        """A report that is owed: its limit as a bar under the words."""

        def paint(p: QPainter, rect: QRectF) -> None:
            em, t = self._em, look.tokens
            gone = words.share(due, self._now_ns)
            left, mark = words.remaining(due, self._now_ns, self._language)
            loud = gone >= 0.8
            line = QRectF(rect.left(), rect.top(), rect.width(), 1.4 * em)
            ink = t.text if loud else t.text2
            said = f"{left}　{mark}" if mark and gone < 1 else left
            wide = self._text(p, line, said, ink, bold=loud, align=RIGHT)
            if gone >= 1:
                self._paint_late(p, QRectF(line.right() - wide - 1.2 * em, line.center().y() - em / 2, em, em))
                wide += 1.2 * em
            name = words.report_name(due.kind, due.number, self._language)
            by = translate("Incidents", "by {time}").format(time=clock_text(due.due_ns, seconds=False))
            self._text(p, line.adjusted(0, 0, -wide - 0.5 * em, 0), f"{name}　{by}", t.text)
            bar = QRectF(rect.left(), rect.top() + 1.5 * em, rect.width(), 0.16 * em)
            p.fillRect(bar, t.line)
            share = min(1.0, max(0.0, gone))
            p.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), t.text if loud else t.data)

        return paint

    def _paint_late(self, p: QPainter, box: QRectF) -> None:
        """A frame with "!": overdue needs no hue."""
        t, em = look.tokens, self._em
        p.setPen(QPen(t.text, max(1.5, em / 16)))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(box)
        p.setFont(font(em, bold=True))
        p.drawText(box, Qt.AlignmentFlag.AlignCenter, "!")

    def _line(self, line: TimelineLine, place: int) -> Block:
        """A line of the timeline, the newest first, over a hairline."""
        em, language = self._em, self._language
        what, text = words.line_words(line, language)
        clock = brief.when_of(line.t_ns, self._now_ns, language) if line.t_ns else "—"
        indent = max(text_width(clock, em) + 0.6 * em, 3.4 * em)
        room = self.width() - 2 * EDGE * em - indent
        said = f"{what}　{text}" if text else what
        rows = lines_of(said, em, room, LINES_OF_TEXT)

        def paint(p: QPainter, rect: QRectF) -> None:
            t = look.tokens
            p.fillRect(QRectF(rect.left(), rect.top(), rect.width(), 1), t.line)
            y = rect.top() + 0.1 * em
            self._text(p, QRectF(rect.left(), y, indent, LINE * em), clock, t.text2)
            for row in rows:
                ink = t.text2 if place else t.text
                self._text(p, QRectF(rect.left() + indent, y, room + 2, LINE * em), row, ink)
                y += 1.35 * em

        return Block(100 + place, (0.3 + 1.35 * len(rows)) * em, paint)


def paint_count(p: QPainter, line: QRectF, incident: Incident, em: float, language: str) -> None:
    """What is counted: done of all with a bar, else in words alone."""
    t = look.tokens
    if incident.fact_done is None or not incident.fact_of:
        p.setFont(font(em))
        p.setPen(t.text)
        said = brief.fact(incident, language)
        draw_elided(p, line, LEFT, whole_words(said, em, line.width()) or said)
        return
    done, of = value_text(incident.fact_done, 0), value_text(incident.fact_of, 0)
    x = line.left()
    for text, px, bold, ink in (
        (brief.fact_words(incident, language), em, False, t.text2),
        (done, em * 1.3, True, t.text),
        (f"/ {of}", em, False, t.text2),
    ):
        p.setFont(font(px, bold=bold))
        p.setPen(ink)
        wide = text_width(text, px, bold=bold)
        p.drawText(QRectF(x, line.top(), wide + 2, line.height()), LEFT, text)
        x += wide + em * 0.35
    bar = QRectF(x + em * 0.2, line.center().y() - em * 0.1, line.right() - x - em * 0.2, em * 0.24)
    if bar.width() > em:
        p.fillRect(bar, t.line)
        share = max(0.0, min(1.0, incident.fact_done / incident.fact_of))
        p.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), t.data)
