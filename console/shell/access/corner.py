"""The account's corner of the top bar: who is logged in, how old the policy is; and the mark of a broken glass."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QWidget

from console.api import NS, Access, Text, Value
from console.shell.access.fields import word
from console.shell.access.page import ENDS_SOON_S, Validity, ends_in_s, glass_left_s, role_words, validity
from console.shell.menus import fitted, plain
from console.shell.session import Session
from widgets.kit.shapes import paint_cross
from widgets.kit.text import age_text, beijing, duration_text, font, text_width
from widgets.kit.tokens import look

ACCOUNT: Final = Text("账号", "Account")
"""The group of the account's commands; its menu has those that can act, in the order in which they are declared."""
MENU: Final = "access.menu"
_LINE: Final = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value


class Piece(Value, frozen=True):
    """A piece of the corner; `fault`: the system's own trouble, with its cross."""

    text: str
    shade: str = "text"
    fault: bool = False


def pieces(access: Access, now_ns: int, language: str, level: int) -> list[Piece]:
    """What stands in the corner, from left to right; at a higher `level` (0 to 2) less of it, trouble always."""
    if not access.person:
        return [Piece(text=word("Nobody logged in"), shade="text2")]
    if access.local:
        return [Piece(text=access.name.of(language), shade="text2")] if level < 2 else []
    made = [Piece(text=access.name.of(language))]
    roles = access.roles[0].of(language) if access.roles else ""
    if roles and level < 2:
        made.append(Piece(text=roles, shade="text2"))
    made += _policy(access, now_ns, language, level)
    left_s = ends_in_s(access, now_ns)
    if left_s <= ENDS_SOON_S:
        said = word("session ends in {span}") if level < 2 else "{span}"
        made.append(Piece(text=said.format(span=_minutes(left_s, language)), fault=True))
    return made


def _policy(access: Access, now_ns: int, language: str, level: int) -> list[Piece]:
    match validity(access, now_ns):
        case Validity.PAST:
            said = word("policy expired: emergency acts only") if level < 1 else word("policy expired")
            return [Piece(text=said, fault=True)]
        case Validity.NEAR:
            left = _minutes((access.policy_expires_ns - now_ns) / NS, language)
            return [Piece(text=word("policy ends in {span}").format(span=left), fault=True)]
        case Validity.GOOD if level < 1:
            age = age_text((now_ns - access.policy_issued_ns) / NS, language)
            return [
                Piece(
                    text=word("policy {version} · {age}").format(version=access.policy_version, age=age), shade="muted"
                )
            ]
        case _:
            return []


def _minutes(seconds: float, language: str) -> str:
    return duration_text(seconds if seconds < 60 else seconds // 60 * 60, language)


def corner_px(made: list[Piece], scale: float) -> float:
    """How wide the pieces stand."""
    gap, cross = 10 * scale, 18 * scale
    return (
        sum(text_width(p.text, 13 * scale, p.fault) + (cross if p.fault else 0) + gap for p in made) - gap
        if made
        else 0.0
    )


def paint_corner(p: QPainter, made: list[Piece], right: float, height: float, scale: float) -> float:
    """Paint them up to `right`; returns where they begin."""
    t = look.tokens
    left = x = right - corner_px(made, scale)
    for piece in made:
        if piece.fault:
            paint_cross(p, QRectF(x, height / 2 - 7 * scale, 14 * scale, 14 * scale), t.fault)
            x += 18 * scale
        wide = text_width(piece.text, 13 * scale, piece.fault)
        p.setFont(font(13 * scale, bold=piece.fault))
        p.setPen(t.fault if piece.fault else getattr(t, piece.shade))
        p.drawText(QRectF(x, 0, wide + 4, height), _LINE, piece.text)
        x += wide + 10 * scale
    return left


def glass_words(access: Access, now_ns: int, language: str) -> str:
    """What every screen says while the glass is broken, "" while it is whole."""
    left_s = glass_left_s(access, now_ns)
    return word("GLASS BROKEN {span} left").format(span=_minutes(left_s, language)) if left_s else ""


def glass_px(words: str, px: float) -> float:
    """How wide the mark is at a text of `px`."""
    return text_width(words, px, True) + 1.4 * px


def paint_glass(p: QPainter, box: QRectF, words: str, px: float) -> None:
    """A plate in the brightest grey: seen from anywhere, and of no hue, as modes are."""
    t = look.tokens
    p.fillRect(box, t.text)
    p.setFont(font(px, bold=True))
    p.setPen(t.tile)
    p.drawText(box, Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextSingleLine.value, words)


def account_menu(parent: QWidget, session: Session) -> QMenu:
    """What is to be known of the account, and its acts; deletes itself when it closes. Show it with `popup`."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setStyleSheet(f"QMenu::item:disabled {{ color: {look.tokens.text2.name()}; }}")  # facts, and to be read
    language = session.language.code
    for line in facts(session.desk.access, session.desk.now_ns, language):
        menu.addAction(plain(line)).setEnabled(False)
    menu.addSeparator()
    acts = [command for command in session.commands.all() if command.spec.group == ACCOUNT and command.spec.id != MENU]
    for command in filter(session.commands.able, acts):
        run: Callable[[], None] = partial(session.commands.run, command.spec.id)
        keys = f"\t{command.spec.keys}" if command.spec.keys else ""
        menu.addAction(plain(command.spec.title.of(language)) + keys).triggered.connect(run)
    return fitted(menu, parent)


def facts(access: Access, now_ns: int, language: str) -> list[str]:
    """Name, roles, policy and end of the session, a line each."""
    lines = [" · ".join(part for part in (access.name.of(language), role_words(access, language)) if part)]
    if access.policy_version and not access.local:
        age = age_text((now_ns - access.policy_issued_ns) / NS, language)
        lines.append(word("Policy {version}, issued {age} ago").format(version=access.policy_version, age=age))
        if access.policy_expires_ns:
            lines.append(word("valid until {time}").format(time=_day(access.policy_expires_ns)))
        if validity(access, now_ns) is Validity.PAST:
            lines.append(word("Only emergency acts in the own area, each marked"))
    if access.ends_ns:
        lines.append(word("This session ends {time}").format(time=_day(access.ends_ns)))
    return lines


def _day(t_ns: int) -> str:
    return beijing(t_ns).strftime("%m-%d %H:%M")
