"""The bar of a replay: mark, time, speed, buttons, track, a field for a time; everything on it has a key too."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from console.api import Alarm, BadInput, Notice, Severity, Text, Value
from console.client.replay import Playback
from console.shell.access.page import Page
from console.shell.ports import Drained
from console.shell.replay_acts import ReplayActs
from console.shell.replay_paint import MIDDLE, Tick, Track, mark_of, paint_bars, paint_triangle, paint_words
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.time_words import moment
from widgets.kit.shapes import fault_chip_rect, paint_fault_chip
from widgets.kit.targets import Targets
from widgets.kit.text import beijing, duration_text, font, text_width, value_text
from widgets.kit.tokens import look

LEAST_TRACK: Final = 170
"""A track shorter than this many px at desk size is no use: buttons go first."""
MARKS_MOST: Final = 400
WRONG_TIME: Final = "replay.time"


class Part(Value, frozen=True):
    """A button: what it runs, what stands on it, and when it goes for want of room (the highest number first)."""

    command: str
    text: str
    goes: int = 0
    sign: str = ""
    primary: bool = False


class TimeField(QLineEdit):
    """A line for a time; its Esc is its own, not the console's way back.

    Signals:
        left: nothing; the operator does not want to type one after all.
    """

    left = Signal()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self.left.emit()
                return True
        return super().event(event)


class ReplayBar(QWidget):
    """Between the alarm strip, which is live, and the tiles, which show the past; hidden where all is live."""

    def __init__(self, session: Session, acts: ReplayActs, style: ScreenStyle) -> None:
        super().__init__()
        self._session, self._acts, self._style = session, acts, style
        self._hits = Targets(style.target_px)
        self._track: Track | None = None
        self._ticks: list[Tick] = []
        self._said: tuple[object, ...] = ()
        self._framed = False
        self._dragging = False
        self.field = TimeField(self)
        self.field.left.connect(self._leave_field)
        self.field.setFont(font(13 * style.scale))
        self.field.returnPressed.connect(self._go)
        self.field.textEdited.connect(self._typed)
        self._wrong = False
        acts.entered.connect(self.entered)
        acts.time_wanted.connect(self.time_wanted)
        session.covered.connect(self._covered)
        self.setFixedHeight(style.replay_px)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    # ------------------------------------------------------------------ what changed

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Come and go with the replay; paint when what stands here changed."""
        playback = self._acts.playback
        if self.isHidden() is (playback is not None):
            if playback is None and (self.hasFocus() or self.field.hasFocus()):
                self.window().setFocus(Qt.FocusReason.OtherFocusReason)  # not to whichever tile comes next
            self.setVisible(playback is not None)
            self._said = ()
        if playback is None:
            return
        if second or not self._said:
            self._ticks = self._alarms(playback)
        self.field.setPlaceholderText(QCoreApplication.translate("Replay", "Go to time T"))
        said = (self._acts.now_ns // 100_000_000, playback, self._session.link.up, self._session.language.code)
        if said != self._said or second:
            self._said = said
            self.update()

    def _covered(self, page: Page) -> None:
        self.field.setVisible(page is Page.NONE)
        self.update()

    def _alarms(self, playback: Playback) -> list[Tick]:
        """When alarms were raised, as far as that is known here: those of the time shown, and those of now."""
        desk = self._session.desk
        known = {**desk.entities(Alarm), **desk.view.entities(Alarm)}
        raised = [Tick(a.raised_ns, min(max(a.priority, 1), 4)) for a in known.values()]
        inside = [tick for tick in raised if playback.from_ns <= tick.t_ns]
        worst = sorted(inside, key=lambda tick: tick.priority)[:MARKS_MOST]
        return sorted(worst, key=lambda tick: -tick.priority)

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, s = QPainter(self), look.tokens, self._style.scale
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(self.rect(), t.tile)
        p.fillRect(QRectF(0, 0, self.width(), 1), t.line)
        playback = self._acts.playback
        self._hits.clear()
        if playback is None:
            return
        language = self._session.language.code
        px = 14 * s
        mark = mark_of(self._acts.now_ns, language, dated=self.width() > 1100 * s)
        box = QRectF(round(4 * s), round(3 * s), round(mark.width(px)), self.height() - 2 * round(3 * s))
        mark.paint(p, box, px)
        if self._session.page is not Page.NONE:
            self._track = None
            return  # the mark goes on, nobody may steer
        self._lay_out(p, playback, box.right() + 8 * s)
        if self._framed:
            p.setPen(QPen(t.focus, 2))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _lay_out(self, p: QPainter, playback: Playback, left: float) -> None:
        """Buttons on both sides of the track, fewer of them where there is little room."""
        s = self._style.scale
        before, after = self._left_parts(playback), self._right_parts(playback)
        field = round(118 * s)
        for least in range(9, -1, -1):
            before = [part for part in before if part.goes <= least]
            after = [part for part in after if part.goes <= least]
            need = sum(self._part_px(part) for part in (*before, *after)) + field + 40 * s
            if self.width() - left - need >= LEAST_TRACK * s:
                break
        x = left
        for part in before:
            x = self._paint_part(p, x, part)
        right = self.width() - 6 * s - sum(self._part_px(part) for part in after)
        x_right = right
        for part in after:
            x_right = self._paint_part(p, x_right, part)
        height = min(round(max(30 * s, self._style.target_px)), self.height())
        self.field.setGeometry(round(right - field - 6 * s), round((self.height() - height) / 2), field, height)
        end_ns = playback.end_ns(self._session.desk.now_ns)
        rect = QRectF(x + 14 * s, 4 * s, self.field.x() - 28 * s - x, self.height() - 6 * s)
        over = playback.ended and self._acts.now_ns >= playback.to_ns
        words = self._over(rect.width()) if over else ""
        if not words and not playback.recorded(self._acts.now_ns):
            words = self._unrecorded(rect.width())
        chip = QRectF()
        if words:
            chip = fault_chip_rect(QPointF(0, 0), words, font(13 * s, bold=True))
            chip.moveCenter(QPointF(rect.center().x(), rect.center().y() - 1))
        self._track = Track(rect, playback.from_ns, max(end_ns, playback.from_ns + 1), chip)
        self._track.paint(p, self._acts.now_ns, self._ticks, 12 * s, playback.holes())
        if words:
            p.fillRect(QRectF(chip.left() - 4, rect.top(), chip.width() + 8, rect.height() - 2), look.tokens.tile)
            if over:
                paint_words(p, chip, 13 * s, words)
            else:
                paint_fault_chip(p, QPointF(chip.left(), chip.center().y()), words, font(13 * s, bold=True))

    def _over(self, room: float) -> str:
        """It stands because there is no more, not because somebody stopped it."""
        short = QCoreApplication.translate("Replay", "End of the recording")
        return self._fitting(room, QCoreApplication.translate("Replay", "End of the recording · L for live"), short)

    def _unrecorded(self, room: float) -> str:
        """Empty tiles must not be taken for a calm city: the node was not recording then."""
        long = QCoreApplication.translate("Replay", "Not recorded then: empty is not calm")
        return self._fitting(room, long, QCoreApplication.translate("Replay", "Not recorded"))

    def _fitting(self, room: float, long: str, short: str) -> str:
        s = self._style.scale
        return long if text_width(long, 13 * s, True) + 34 * s <= room else short

    def _left_parts(self, playback: Playback) -> list[Part]:
        play, pause = (QCoreApplication.translate("Replay", "Play"), QCoreApplication.translate("Replay", "Pause"))
        word = pause if playback.playing else play
        jump = self._jump_part
        return [
            Part("replay.play", word, 1, "bars" if playback.playing else "triangle"),
            Part("replay.step", QCoreApplication.translate("Replay", "Step"), 6),
            jump("replay.back_10min", -600, 8),
            jump("replay.back_1min", -60, 4),
            jump("replay.back_10s", -10, 5),
            jump("replay.on_10s", 10, 5),
            jump("replay.on_1min", 60, 4),
            jump("replay.on_10min", 600, 8),
            Part("replay.slower", "−", 3),
            Part("", f"{playback.speed:g}×", 3),
            Part("replay.faster", "+", 3),
        ]

    def _jump_part(self, command: str, seconds: int, goes: int) -> Part:
        sign = "+" if seconds > 0 else "−"
        return Part(command, sign + duration_text(abs(seconds), self._session.language.code), goes)

    def _right_parts(self, playback: Playback) -> list[Part]:
        if playback.readers > 1:
            said = QCoreApplication.translate("Replay", "Shared {name} · {count} desks")
            shared = said.format(name=playback.group, count=value_text(playback.readers, 0))
        else:
            shared = QCoreApplication.translate("Replay", "Share")
        leave = QCoreApplication.translate("Replay", "Leave")
        return [Part("replay.share", shared, 7), Part("replay.leave", f"{leave} L", primary=True)]

    def _part_px(self, part: Part) -> float:
        s = self._style.scale
        sign = 18 * s if part.sign else 0.0
        least = self._style.target_px if part.command else 0.0
        return max(text_width(part.text, 13 * s, part.primary) + sign + 18 * s, 28 * s, least) + 4 * s

    def _paint_part(self, p: QPainter, x: float, part: Part) -> float:
        """A button, or where it runs nothing only its words; returns where the next begins."""
        t, s = look.tokens, self._style.scale
        width = self._part_px(part) - 4 * s
        touched = self._style.role == "vehicle" or self._style.target_px
        height = self.height() - 8 if touched else 44 * s * 0.68
        box = QRectF(x, (self.height() - height) / 2, width, height)
        ink = t.text
        if part.primary:
            p.fillRect(box, t.text2)
            ink = t.tile
        elif part.command:
            p.fillRect(box, t.raised)
            p.setPen(QPen(t.line, 1))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        words = box
        if part.sign:
            side = 11 * s
            at = QRectF(box.left() + 9 * s, box.center().y() - side / 2, side * 0.9, side)
            (paint_triangle if part.sign == "triangle" else paint_bars)(p, at, ink)
            words = box.adjusted(18 * s, 0, 0, 0)
        p.setFont(font(13 * s, bold=part.primary or not part.command))
        p.setPen(ink)
        p.drawText(words, MIDDLE | Qt.AlignmentFlag.AlignHCenter.value, part.text)
        if part.command:
            self._hits.add(box, part.command)
        return x + width + 4 * s

    # ------------------------------------------------------------------ a time that is typed

    def ask_time(self) -> None:
        """Put the keys into the field."""
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go(self) -> None:
        try:
            at_ns = moment(self.field.text(), self._session.desk.now_ns)
        except BadInput as error:
            self._wrong = True
            where = self.field.mapToGlobal(self.field.rect().bottomLeft())
            QToolTip.showText(where, wrong_time("", error.expected).tip.of(self._session.language.code), self.field)
            self._session.notices.raise_(wrong_time(self.field.text(), error.expected))
            self.field.selectAll()
            return
        self.field.clear()
        self._acts.open_at(at_ns)
        self._say_if_not_kept(at_ns)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_if_not_kept(self, at_ns: int) -> None:
        """Who asked for a time that the store does not reach must not take another for it."""
        playback = self._acts.playback
        if playback is not None and at_ns < playback.from_ns:
            self._wrong = True
            self._session.notices.raise_(not_kept(playback.from_ns))

    def _leave_field(self) -> None:
        self.field.clear()
        self._typed("")
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self, _text: str) -> None:
        if self._wrong:
            self._wrong = False
            self._session.notices.clear(WRONG_TIME)

    # ------------------------------------------------------------------ hands

    def entered(self) -> None:
        """A replay has begun here: show at once, and take the keys if this window has them."""
        self.setVisible(self._acts.playback is not None)
        if self.window().isActiveWindow():
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def time_wanted(self) -> None:
        """Somebody wants to type a time."""
        self.entered()
        if self.window().isActiveWindow():
            self.ask_time()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if command := self.act_at(event.position().x(), event.position().y()):
            self._session.commands.run(command)
            return
        track = self._track
        if track is not None and track.rect.adjusted(-8, 0, 8, 0).contains(event.position()):
            self._dragging = True
            self._acts.seek(track.t_ns(event.position().x()))
            self.update()

    def act_at(self, x: float, y: float) -> str:
        """What a press there does: a command's id, "" nothing or the track."""
        return self._hits.at(QPointF(x, y))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging and self._track is not None:
            self._acts.seek(self._track.t_ns(event.position().x()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Outlined only where Tab came here: a bar that has just opened has the keys anyway."""
        self._framed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._framed = False
        self.update()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._said = ()
        super().resizeEvent(event)


def not_kept(from_ns: int) -> Notice:
    """What was typed is a time that nothing is kept of."""
    since = f"{beijing(from_ns):%Y-%m-%d %H:%M}"
    summary = Text(f"{since} 以前没有保存", f"Nothing is kept before {since}")
    tip = Text("显示的是最早的一刻", "The earliest time is shown")
    return Notice(key=WRONG_TIME, severity=Severity.WARNING, summary=summary, tip=tip)


def wrong_time(found: str, expected: str) -> Notice:
    """What was typed is no time."""
    return Notice(
        key=WRONG_TIME,
        severity=Severity.WARNING,
        summary=Text(f"看不懂时刻“{found[:20]}”", f"Not a time: “{found[:20]}”"),
        tip=Text(f"可写 {expected}", f"Understood: {expected}"),
    )
