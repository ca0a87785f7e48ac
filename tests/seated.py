"""Who sits at a faked desk or host, what they may, and whom the roster names; mixed into the fakes of tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from console.api import NS, Access, Enrolment, Outside, RefusedError, Roster, Shut, Spanned, Text


class Seated:
    """`access` says who; `forbidden` are actions that this person may not; `administered` is what was asked for."""

    spanned: Spanned | None = None
    outside: Outside = Shut()
    access = Access(person="local", name=Text("本机", "This machine"), local=True)
    forbidden: frozenset[str] = frozenset()
    people: Roster | None = None
    administered: tuple[tuple[str, dict[str, Any]], ...] = ()
    personal: dict[str, str] = {}
    """What a node would tell of any incident, and `revealed`: of what it was asked."""
    revealed: tuple[str, ...] = ()
    secret = "correct horse battery"
    """What opens: at the log-in of anybody, and to unlock."""
    code = "492039"
    """What the person's authenticator shows."""
    enrolment = Enrolment(
        secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        issuer="西咸",
        account="liweiguo",
        uri="otpauth://totp/x:liweiguo?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    )
    retry_s = 0.0
    refusal = Text("用户名、密码或动态码不正确", "name, password or code is not right")
    acts_seen = 0
    asked: tuple[tuple[str, ...], ...] = ()
    """Acts on the account, with what of their words is no secret."""
    on_access: Callable[[], None] | None = None
    now_ns: int
    views: tuple[dict[str, Any], ...] = ()
    """How a hand left a picture over several tiles, each time."""

    def moved(self, view: dict[str, Any]) -> None:
        self.views = (*self.views, view)

    @property
    def target_px(self) -> float:
        """Fingers touch a vehicle's screen."""
        return 44.0 if getattr(self, "role", "desk") == "vehicle" else 0.0

    def may(self, action: str, area: str = "") -> bool:
        return action not in self.forbidden

    def stand(self, **changes: Any) -> None:
        """What the node says of who is here, from now on."""
        self.access = msgspec.structs.replace(self.access, **changes)
        if self.on_access is not None:
            self.on_access()

    def _asked(self, *words: str) -> None:
        self.asked = (*self.asked, words)

    async def login(self, name: str, password: str, code: str = "") -> Text:
        self._asked("login", name, code)
        if password != self.secret:
            return self.refusal
        self.stand(person=name, name=Text(name), first=False, locked=False, reason=Text(""))
        return Text("")

    async def first_administrator(self, code: str, site: str, name: str, person_name: Text, password: str) -> Text:
        self._asked("first", code, site, name, person_name.zh)
        if code != "ABCD-EFGH-JKMN-PQRS":
            return Text("代码不对", "that is not the code")
        self.secret = password
        self.stand(person=name, name=person_name, first=False, local=False)
        return Text("")

    def lock(self) -> None:
        self._asked("lock")
        self.stand(locked=True)

    async def unlock(self, password: str, code: str = "") -> Text:
        self._asked("unlock", code)
        if password != self.secret:
            return self.refusal
        self.stand(locked=False)
        return Text("")

    def logout(self) -> None:
        self._asked("logout")
        self.stand(person="", name=Text(""), roles=(), locked=False, change_next=False, glass_until_ns=0)

    async def change_password(self, old: str, new: str, code: str = "") -> Text:
        self._asked("password", code)
        if old != self.secret:
            return self.refusal
        self.secret = new
        self.stand(change_next=False)
        return Text("")

    async def begin_factor(self, password: str) -> Enrolment | Text:
        self._asked("factor")
        return self.enrolment if password == self.secret else self.refusal

    async def confirm_factor(self, code: str) -> Text:
        self._asked("confirm", code)
        if code != self.code:
            return Text("动态码不正确", "that is not the code")
        self.stand(two_factors=True)
        return Text("")

    async def end_factor(self, password: str, code: str) -> Text:
        self._asked("factor off", code)
        if password != self.secret or code != self.code:
            return self.refusal
        self.stand(two_factors=False)
        return Text("")

    async def break_glass(self, reason: str) -> Text:
        self._asked("glass", reason)
        if "office" in self.forbidden:
            return Text("管理员不能破窗", "administrators cannot break the glass")
        self.stand(glass_until_ns=self.now_ns + 1800 * NS)
        return Text("")

    def mend_glass(self) -> None:
        self._asked("mend")
        self.stand(glass_until_ns=0)

    def acted(self) -> None:
        self.acts_seen += 1

    async def roster(self) -> Roster:
        if self.people is None:
            raise RefusedError("not_allowed")
        return self.people

    async def reveal(self, ref: str) -> dict[str, str]:
        self.revealed = (*self.revealed, ref)
        if "view_personal" in self.forbidden:
            raise RefusedError("no role grants this", zh="没有角色允许此操作")
        return dict(self.personal)

    async def administer(self, act: str, **arguments: Any) -> Text:
        self.administered = (*self.administered, (act, arguments))
        return Text("")
