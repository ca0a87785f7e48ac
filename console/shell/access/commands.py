"""The commands of the account, each declared once: menu, palette and key card follow; they know no panel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from console.api import CommandSpec, Text
from console.shell.access.acts import AccessActs
from console.shell.access.corner import ACCOUNT
from console.shell.access.fields import word
from console.shell.access.glass import GlassSheet
from console.shell.access.page import Page, glass_left_s
from console.shell.dialogs import confirm
from console.shell.session import Session


def add_access_commands(
    session: Session, acts: AccessActs, window: Callable[[], QWidget], menu: Callable[[], None]
) -> None:
    """Register them with the session's registry.

    Args:
        window: the window that sheets belong to (the active one).
        menu: opens the account's menu in that window.
    """

    def open_glass() -> None:
        GlassSheet(window(), session, acts).open()

    def may_break() -> bool:
        return acts.lockable and not broken() and session.desk.may("break_glass")

    def broken() -> bool:
        return glass_left_s(acts.access, session.desk.now_ns) > 0

    def logout() -> None:
        if session.waiting and acts.page is Page.NONE:
            session.tasks.start("access.logout", _leave(session, acts, window()))
        else:
            acts.logout()

    def add(name: str, title: Text, run: Callable[[], None], enabled: Callable[[], bool], keys: str = "") -> None:
        spec = CommandSpec(id=f"access.{name}", title=title, keys=keys, group=ACCOUNT)
        session.commands.add(spec, run, enabled)

    def someone() -> bool:
        return acts.lockable

    add("lock", Text("锁定屏幕", "Lock the screen"), acts.lock, someone, "Ctrl+Alt+L")
    add("menu", Text("账号菜单", "Account menu"), menu, someone, "Ctrl+Alt+U")
    add("switch", Text("换人登录", "Switch person"), logout, someone)
    add("password", Text("修改密码", "Change password"), lambda: acts.ask_page(Page.CHANGE), someone)
    add("factor", Text("二次验证", "Second factor"), lambda: acts.ask_page(Page.FACTOR), someone, "Ctrl+Alt+F")
    add("break_glass", Text("破窗应急授权", "Break the glass"), open_glass, may_break, "Ctrl+Alt+B")
    add("mend_glass", Text("结束破窗授权", "Mend the glass"), acts.mend, broken)
    add("logout", Text("退出登录", "Log out"), logout, someone, "Ctrl+Alt+Q")
    first = Text("建立首位管理员", "Create the first administrator")
    add("first", first, lambda: acts.ask_page(Page.FIRST), lambda: acts.access.local and acts.access.first)


async def _leave(session: Session, acts: AccessActs, window: QWidget) -> None:
    """What waits to be sent belongs to who did it: it goes on only when they are back."""
    question = word("Log out while {count} acts wait to be sent?").format(count=session.waiting)
    detail = word("They stay on this machine and go on when you log in here again.")
    if await confirm(window, question, detail, word("Log out")):
        acts.logout()
