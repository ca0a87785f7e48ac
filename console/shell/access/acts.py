"""The acts of who is at this console: log in, lock, unlock, leave, break the glass; they know no window."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from console.api import Access, Enrolment, Notice, Severity, Text, YilanError
from console.shell.access.hands import Hands
from console.shell.access.page import OPTIONAL, Page, page_of, standing
from console.shell.ports import Drained
from console.shell.session import Session

NOTHING: Final = Text("")
WELCOMED: Final = Text("首位管理员已建立，请登录", "The first administrator is there: log in")
CUT: Final = Text("链路未通，无法退出登录", "No link: nobody can be logged out")
LOCK_TIP: Final = Text("可先锁定屏幕（Ctrl+Alt+L）", "Lock the screen instead (Ctrl+Alt+L)")
LEAVING: Final = "access.leaving"
PASSWORD: Final = "access.password"
FACTOR: Final = "access.factor"
AGAIN: Final = Text("现在可以再试", "You may try again now")
LOOKING: Final = frozenset({"language.toggle", "look.toggle"})
"""Commands that change only how this screen looks: they go on whatever covers the tiles."""
UNCOVERED: Final = LOOKING | {"console.quit", "access.logout", "access.switch"}
LOCKED: Final = LOOKING | {"access.switch"}
"""What a stranger before a locked screen may do; ending the console is not among it: the alarms go on there."""


class AccessActs(QObject):
    """One per console. What was typed goes to the node and is kept nowhere; `said` is what came of it, in words.

    Signals:
        changed: nothing; page, `busy` or `said` may be others now.
        replaced: nothing; another person sits here than before: nothing that was the last one's may stay.
    """

    changed = Signal()
    replaced = Signal()

    def __init__(self, session: Session, hands: Hands | None = None) -> None:
        super().__init__()
        self._session = session
        self.hands = hands or Hands()
        self.hands.acted.connect(self.touched)
        session.commands.ran.connect(lambda _id: self.touched())
        self.busy = False
        self.said = NOTHING
        self.enrolment: Enrolment | None = None
        """A second factor that was begun, while its page is there."""
        self._waits = False
        self.account = ""
        """The log-in name given last, so that it need not be typed again."""
        self._asked = Page.NONE
        self._locked_here = False
        self._person = ""
        self._told: dict[str, Notice | None] = {}
        self._input_s = time.monotonic()
        self.locked_ns = 0

    @property
    def access(self) -> Access:
        """Who is here, as the desk knows."""
        return self._session.desk.access

    @property
    def page(self) -> Page:
        """What covers the tiles."""
        return self._session.page

    @property
    def optional(self) -> bool:
        """Whether the page was asked for and can be left again."""
        return self.page in OPTIONAL and self.page is self._asked and bool(self.access.person)

    @property
    def wait_s(self) -> float:
        """Whole seconds until another try is of use, as long as something is said of the last one."""
        return math.ceil(self._session.desk.retry_s) if self.said.zh and self.said is not AGAIN else 0.0

    @property
    def unseen(self) -> bool:
        """Whether who is here is shown no alarm, locked or not."""
        return self._session.unseen

    @property
    def lockable(self) -> bool:
        """Whether there is somebody who could unlock it again."""
        return bool(self.access.person) and not self.access.local and not self.access.wall

    # ------------------------------------------------------------------ what changed

    def follow(self) -> None:
        """Who is here, or what they may, changed; the desk says so."""
        access = self.access
        if access.person and access.person != self._person:
            before, self._person = self._person, access.person
            for key in (PASSWORD, FACTOR):
                self._session.notices.clear(key)
            self._locked_here, self._asked = False, Page.NONE
            if before:
                self._session.select("")
                self._session.desk.leave_replay()
                self.replaced.emit()
        page = page_of(access, locked_here=self._locked_here, asked=self._asked)
        if page is not self.page:
            self._turn(page)
        self._tell()
        self.changed.emit()

    def _turn(self, page: Page) -> None:
        """Another page, or none: what was said belongs to the one before."""
        kept = WELCOMED if self.said is WELCOMED and self.page is Page.FIRST and page is Page.LOGIN else NOTHING
        self.said, self._input_s, self.enrolment = kept, time.monotonic(), None
        if page is Page.LOCKED:
            self.locked_ns = self._session.desk.now_ns
        if page is not self._asked and page is not Page.LOCKED:
            self._asked = Page.NONE
        if page is not Page.NONE:
            for key in (PASSWORD, FACTOR, LEAVING):
                self._session.notices.clear(key)
        self._session.cover(page)
        commands = self._session.commands
        commands.only(None if page is Page.NONE else LOCKED if page is Page.LOCKED else UNCOVERED)

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Once a second: nobody at the keyboard long enough locks the screen, whether or not the node is reached."""
        if not second:
            return
        self._count_down()
        idle_s = time.monotonic() - self._input_s
        if self.page is Page.NONE and self.lockable and 0 < self.access.locks_s <= idle_s:
            self.lock()
        elif self._locked_here and not self.access.locked and self._session.link.up and not self.busy:
            self._session.desk.lock()  # it was cut off when the screen was locked
        self._tell()

    def _count_down(self) -> None:
        """Say how long nobody need try again, and when it is over."""
        waited, self._waits = self._waits, self.wait_s > 0
        if waited and not self._waits and self.said.zh and not self.busy:
            self.said = AGAIN
        if waited or self._waits:
            self.changed.emit()

    def _tell(self) -> None:
        for key, notice in standing(self.access, self._session.desk.now_ns).items():
            if self._told.get(key) == notice:
                continue
            self._told[key] = notice
            if notice is None:
                self._session.notices.clear(key)
            else:
                self._session.notices.raise_(notice)

    def touched(self) -> None:
        """Somebody used a key, the pointer or a finger."""
        self._input_s = time.monotonic()
        if self.page is Page.NONE and self.lockable:
            self._session.desk.acted()

    # ------------------------------------------------------------------ in

    def login(self, name: str, password: str, code: str = "") -> None:
        """Say who one is."""
        self.account = name
        self._ask("login", lambda: self._session.desk.login(name, password, code))

    def first(self, code: str, site: str, name: str, person: str, password: str) -> None:
        """Make the first administrator of a site, by the code that its node printed."""
        self.account = name

        async def made() -> Text:
            reason = await self._session.desk.first_administrator(code, site, name, Text(person), password)
            return reason if reason.zh else WELCOMED

        self._ask("first", made)

    def unlock(self, password: str, code: str = "") -> None:
        """The same person again."""

        async def unlocked() -> Text:
            reason = await self._session.desk.unlock(password, code)
            if not reason.zh:
                self._locked_here = False
            return reason

        self._ask("unlock", unlocked)

    def change_password(self, old: str, new: str, code: str = "") -> None:
        """Another password."""

        async def changed() -> Text:
            reason = await self._session.desk.change_password(old, new, code)
            if not reason.zh:
                self._asked = Page.NONE
                self._done(PASSWORD, Text("密码已修改，其他登录已结束", "Password changed; your other sessions ended"))
            return reason

        self._ask("password", changed)

    def begin_factor(self, password: str) -> None:
        """Have a secret shown, by the password given again; nothing is in force yet."""

        async def begun() -> Text:
            answer = await self._session.desk.begin_factor(password)
            if isinstance(answer, Text):
                return answer
            if self.page is Page.FACTOR:  # else the screen was locked meanwhile
                self.enrolment = answer
            return NOTHING

        self._ask("factor", begun)

    def confirm_factor(self, code: str) -> None:
        """Put it in force, by a code that the authenticator shows."""
        done = Text("二次验证已启用，其他登录已结束", "Second factor on; your other sessions ended")
        self._ask("factor", lambda: self._of_factor(self._session.desk.confirm_factor(code), done))

    def end_factor(self, password: str, code: str) -> None:
        """Turn one's own off."""
        done = Text("二次验证已停用", "Second factor off")
        self._ask("factor", lambda: self._of_factor(self._session.desk.end_factor(password, code), done))

    async def _of_factor(self, asked: Awaitable[Text], done: Text) -> Text:
        reason = await asked
        if not reason.zh:
            self._asked = Page.NONE
            self._done(FACTOR, done)
        return reason

    def _ask(self, name: str, ask: Callable[[], Awaitable[Text]]) -> None:
        if self.busy:
            return
        self.busy, self.said = True, NOTHING
        self.changed.emit()
        self._session.tasks.start(f"access.{name}", self._asking(ask), owner=self)

    async def _asking(self, ask: Callable[[], Awaitable[Text]]) -> None:
        try:
            self.said = await ask()
        except YilanError as error:
            self.said = error_words(error)
        finally:
            self.busy = False
        self.follow()

    def typing(self) -> None:
        """Something is typed: what was said of the last attempt has been read."""
        if self.said.zh and not self.busy and not self.wait_s:
            self.said = NOTHING
            self.changed.emit()

    # ------------------------------------------------------------------ out

    def ask_page(self, page: Page) -> None:
        """Show a page that need not be there."""
        self._asked = page
        self.follow()

    def leave_page(self) -> None:
        """Back to the tiles, from a page that need not be there."""
        if self.optional and not self.busy:
            self.ask_page(Page.NONE)

    def lock(self) -> None:
        """Hide all but strip, sound and clock, at once and whether or not the node is reached."""
        if self.lockable:
            self._locked_here = True
            self.follow()
            self._session.desk.lock()

    def logout(self) -> None:
        """Leave; the log-in page comes. The node ends a session, so it has to be reached."""
        if self._session.desk.status.up:
            self._session.desk.logout()
            self.follow()
            return
        self.said = CUT
        if self.page is Page.NONE:
            self._session.notices.raise_(Notice(key=LEAVING, severity=Severity.WARNING, summary=CUT, tip=LOCK_TIP))
        self.changed.emit()

    # ------------------------------------------------------------------ the glass

    async def break_glass(self, reason: str) -> Text:
        """Wide rights for a while, for a reason in words; Text("") when they are there, else why not."""
        try:
            return await self._session.desk.break_glass(reason)
        except YilanError as error:
            return error_words(error)

    def mend(self) -> None:
        """Done with it before its time."""
        self._session.desk.mend_glass()
        self.follow()

    def _done(self, key: str, words: Text) -> None:
        self._session.notices.raise_(Notice(key=key, severity=Severity.INFO, summary=words))


def error_words(error: YilanError) -> Text:
    """What an error says on screen."""
    return Text(f"未能送达节点：{error}", f"The node was not reached: {error}")
