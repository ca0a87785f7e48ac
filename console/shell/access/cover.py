"""What lies in place of the tiles while nobody may see them: one card on an empty ground; knows no tile."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.shell.access.acts import AccessActs
from console.shell.access.factor import FactorForm
from console.shell.access.fields import Press, Words, word
from console.shell.access.form import Form
from console.shell.access.forms import LockedForm, LoginForm, LostForm
from console.shell.access.new_password import ChangeForm, FirstForm
from console.shell.access.page import Page
from console.shell.bar_signs import paint_bars, rtt_text
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from widgets.kit.shapes import paint_plug
from widgets.kit.text import duration_text, font, text_width
from widgets.kit.tokens import look

FORMS: Final[dict[Page, type[Form]]] = {
    Page.LOGIN: LoginForm,
    Page.FIRST: FirstForm,
    Page.CHANGE: ChangeForm,
    Page.FACTOR: FactorForm,
    Page.LOCKED: LockedForm,
    Page.LOST: LostForm,
}
FULL_PX: Final = 1000
"""On a screen higher than this the card grows with it, up to twice: at 3840×2160 it is read from where one stands."""
EDGE_PX: Final = 28


class LinkRow(QWidget):
    """The node's name and how the link to it stands."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._scale = 1.0
        self.setAccessibleName("link")

    def scaled(self, scale: float) -> None:
        """Of this size from now on."""
        self._scale = scale
        self.setFixedHeight(round(24 * scale))

    @property
    def words(self) -> str:
        """What is said of the link."""
        link, session = self._session.link, self._session
        language = session.language.code
        if link.up:
            return rtt_text(link)
        if trouble := link.trouble.of(language) or link.refusal.of(language):
            return trouble
        if session.starting:
            return word("Connecting to the node")
        spent_s = max(0.0, (session.desk.now_ns - link.since_ns) / 1e9) if link.since_ns else 0.0
        return word("No link for {span}").format(span=duration_text(spent_s, language))

    def paintEvent(self, event: QPaintEvent) -> None:
        t, s, link = look.tokens, self._scale, self._session.link
        p = QPainter(self)
        words = self.words
        troubled = not link.up and not self._session.starting
        node = link.node_title.of(self._session.language.code) or link.node_name
        p.setFont(font(13 * s, bold=True))
        p.setPen(t.text2)
        middle = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value
        wide = text_width(words, 13 * s)
        room = QRectF(self.rect()).adjusted(0, 0, -wide - 40 * s, 0)
        p.drawText(
            room, middle, p.fontMetrics().elidedText(node or "—", Qt.TextElideMode.ElideRight, int(room.width()))
        )
        x = self.width() - wide
        p.setFont(font(13 * s))
        p.setPen(t.fault if troubled else t.text2)
        p.drawText(QRectF(x, 0, wide + 4, self.height()), middle, words)
        sign = QRectF(x - 30 * s, self.height() / 2 - 7 * s, 22 * s, 14 * s)
        if link.up:
            paint_bars(p, sign, link)
        elif troubled:
            paint_plug(p, sign.adjusted(2 * s, -2 * s, 2 * s, 2 * s), t.fault)


class Card(QWidget):
    """The plate on which a page stands; a hairline parts the page from what concerns the screen alone."""

    line_y = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), look.tokens.tile)
        if self.line_y:
            p.fillRect(0, self.line_y, self.width(), 1, look.tokens.line)


class Cover(QWidget):
    """One a window. Opaque; the tiles beneath are hidden besides, so that nothing paints and nothing can be grabbed."""

    def __init__(self, session: Session, acts: AccessActs, style: ScreenStyle) -> None:
        super().__init__()
        self._session, self._acts, self._style = session, acts, style
        self._page = Page.NONE
        self._was_busy = False
        self.form: Form | None = None
        self._form_scale = 0.0
        self.card = Card(self)
        self._column = QVBoxLayout(self.card)
        self.link = LinkRow(session)
        self._column.addWidget(self.link)
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(0, 0, 0, 0)
        self.tongue, self.keys = Press(), Words(12, shade="muted")
        self.keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.tongue.clicked.connect(lambda: session.commands.run("language.toggle"))
        self._foot.addWidget(self.tongue)
        self._foot.addWidget(self.keys, 1)
        self._column.addLayout(self._foot)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        acts.changed.connect(self._changed)
        session.language.changed.connect(self._say)
        look.changed.connect(self._restyle)
        self.hide()

    # ------------------------------------------------------------------ what it shows

    def turn(self, page: Page) -> None:
        """Show a page, or NONE: then nothing that was typed is kept."""
        if page is self._page:
            return
        self._page = page
        self._drop()
        if page is Page.NONE:
            self.hide()
            return
        form = FORMS[page](self._acts, lambda: self._session.language.code)
        self.form = form
        self._column.insertWidget(1, form)
        hands = self._style.role != "wall" or page is not Page.LOST
        for part in (self.tongue, self.keys):
            part.setVisible(hands)
        self._say()
        self._place()
        self.show()
        self.raise_()

    def _drop(self) -> None:
        form, self.form = self.form, None
        self._form_scale = 0.0
        if form is not None:
            form.forget()
            form.hide()
            form.setParent(None)
            form.deleteLater()

    def take_keys(self) -> None:
        """The keys go to the page."""
        if self.form is not None:
            self.form.begin()

    def follow(self) -> None:
        """Once a second: the link goes on."""
        if not self.isHidden():
            self.link.update()

    def _changed(self) -> None:
        form, busy = self.form, self._acts.busy
        if form is None:
            return
        self._say()
        if self._was_busy and not busy and self._acts.said.zh:
            form.refused()
        self._was_busy = busy

    def _say(self, _code: object = None) -> None:
        if self.form is None:
            return
        self.form.say()
        self.tongue.setText("中文" if self._session.language.code == "en" else "English")
        self.keys.setText(word("Ctrl+L language · Ctrl+D day or night"))
        self._place()

    def _restyle(self, _tokens: object) -> None:
        self.keys.restyle()
        if self.form is not None:
            self.form.restyle()

    # ------------------------------------------------------------------ where it stands

    def _place(self) -> None:
        form = self.form
        if form is None or not self.height():
            return
        for layout in (form.layout(), self._column):  # else a part that has just come counts by its height of before
            if layout is not None:
                layout.activate()
        scale = self._style.scale * min(2.0, max(1.0, self.height() / FULL_PX))
        if self._style.role == "wall":
            scale = self._style.scale
        self._lay(form, scale)
        needed = self._column.totalHeightForWidth(self._wide(form, scale))
        if needed > self.height() - 16:
            self._lay(form, scale * max(0.7, (self.height() - 16) / needed))
        wide = self._wide(form, self._form_scale)
        high = min(self._column.totalHeightForWidth(wide), self.height())
        foot = self._column.contentsMargins().bottom() + self.tongue.height() + round(12 * self._form_scale)
        self.card.line_y = high - foot if not self.tongue.isHidden() else 0
        self.card.setGeometry((self.width() - wide) // 2, max(0, round((self.height() - high) * 0.42)), wide, high)

    def _wide(self, form: Form, scale: float) -> int:
        return min(round((form.WIDE + 2 * EDGE_PX) * scale), self.width())

    def _lay(self, form: Form, scale: float) -> None:
        self._form_scale = scale
        edge = round(EDGE_PX * scale)
        self._column.setContentsMargins(edge, round(20 * scale), edge, round(14 * scale))
        self._column.setSpacing(round(14 * scale))
        form.setContentsMargins(0, 0, 0, round(14 * scale))
        self.link.scaled(scale)
        self.tongue.scaled(scale * 0.9)
        self.tongue.setFixedWidth(round(88 * scale))
        self.keys.scaled(scale)
        form.scaled(scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.canvas)
