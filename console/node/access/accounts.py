"""Names and password hashes of one node, apart from the policy that other nodes get; knows who somebody is.

A stranger is told the same for a wrong password, a wrong code and a name that does not exist, after the same work.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from console.api import NS, BadInput, ResourceError, Text, Value
from console.node.access.files import read_secret, write_secret
from console.node.access.lockout import Lockout
from console.node.access.passwords import Hasher, check_password, normal
from console.node.access.totp import matching_step

FILE: Final = "accounts"
MAX_ACCOUNTS: Final = 20_000
MAX_NAME: Final = 64
NOBODYS: Final = bytes(20)
EVERYWHERE: Final = "everywhere"
BRAKE: Final = 10
"""So many times the failures that lock a name at one origin lock it at all of them."""
WRONG: Final = Text("用户名、密码或动态码不正确", "name, password or code is not right")
WRONG_BARE: Final = Text(
    "用户名或密码不正确，或缺动态码：启用了二次验证的账号须填六位动态码",
    "name or password is not right, or the code is missing: an account with a second factor needs its six digits",
)
"""Where no code was given: said of every account and of none, so that it tells nobody which of them it was."""


class Account(Value, frozen=True, kw_only=True):
    """One log-in. `person` is the id in the policy; `totp` is empty where there is no second factor."""

    name: str
    person: str
    hash: str
    totp: bytes = b""
    totp_step: int = 0
    changed_ns: int = 0
    change_next: bool = False
    """The password was given by somebody else and has to be changed at the next log-in."""

    def __repr__(self) -> str:
        return f"Account({self.name!r}, person={self.person!r})"  # neither hash nor secret in any log


class Login(Value, frozen=True, kw_only=True):
    """What came of an attempt: `person` is "" where it failed; `locked_s` > 0: how long nobody need try again.

    `known`: whether the name exists; for the audit alone, never for who asked.
    """

    person: str = ""
    reason: Text = Text("")
    locked_s: int = 0
    locks_now: bool = False
    known: bool = False
    change_next: bool = False

    @property
    def ok(self) -> bool:
        """Whether it is who they say."""
        return bool(self.person)


class Accounts:
    """All accounts of this node, in one file.

    Args:
        folder: where the file lies.
        hasher: makes and checks hashes.
        lockout: counts failures.
        wall_ns: UTC ns, for second factors and dates.
    """

    def __init__(self, folder: Path, hasher: Hasher, lockout: Lockout, wall_ns: Callable[[], int]) -> None:
        self._path, self._hasher, self._lockout, self._wall_ns = folder / FILE, hasher, lockout, wall_ns
        self._accounts: dict[str, Account] = {}

    def open(self) -> None:
        """Read the file. Raises ResourceError where it is damaged: nobody gets in by a new, empty one."""
        raw = read_secret(self._path)
        if raw is None:
            return
        try:
            kept = msgspec.msgpack.decode(raw, type=list[Account])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ResourceError(f"{self._path} cannot be read ({error}); restore it from the backup") from error
        self._accounts = {account.name: account for account in kept}

    def __len__(self) -> int:
        return len(self._accounts)

    def person_of(self, name: str) -> str:
        """Whose account it is, "" where there is none; for the audit and for administrators only."""
        account = self._accounts.get(plain(name))
        return account.person if account else ""

    def name_of(self, person: str) -> str:
        """The person's account, "" where they have none."""
        return next((name for name, account in self._accounts.items() if account.person == person), "")

    def named(self, name: str) -> Account | None:
        """The account, None where there is none; for administrators only."""
        return self._accounts.get(plain(name))

    def locked_until_ns(self, name: str, now_ns: int) -> int:
        """Until when log-ins under that name are refused, at one origin at least; 0 where they are not."""
        return self._lockout.longest_ns(_ending(plain(name)), now_ns)

    # ------------------------------------------------------------------ who is it

    def login(self, name: str, password: str, code: str, origin: str, now_ns: int, *, known: bool = False) -> Login:
        """Check an attempt; about 50 ms of one processor, so call it off the loop and one at a time.

        `now_ns` on the steady clock. `known`: the machine has shown a secret or a certificate; its failures count
        apart, so that no stranger can keep an officer out.
        """
        return self._attempt(plain(name), password, code, _keys(plain(name), origin, known=known), now_ns)

    def unlock(self, name: str, password: str, code: str, session: str, now_ns: int) -> Login:
        """The same for who has a session already: counted by it alone, so that no stranger can lock a duty seat."""
        return self._attempt(plain(name), password, code, (f"session:{session}",), now_ns)

    def _attempt(self, key: str, password: str, code: str, keys: tuple[str, ...], now_ns: int) -> Login:
        account = self._accounts.get(key)
        until_ns = max(self._lockout.locked_until_ns(k, now_ns) for k in keys)
        if until_ns:
            return _locked(until_ns - now_ns, known=account is not None)
        passed = self._hasher.matches(account.hash if account else "", password)
        step = self._second(account, code)
        if account is None or not passed or step is None:
            locks = [self._lockout.failed(k, now_ns, BRAKE if k.startswith(EVERYWHERE) else 1) for k in keys]
            return Login(reason=wrong(code), locks_now=any(locks), known=account is not None)
        self._lockout.passed(keys[0])  # an origin's failures stay: one good account must not free it to go on guessing
        self._passed(account, password, step)
        return Login(person=account.person, known=True, change_next=account.change_next)

    def _second(self, account: Account | None, code: str) -> int | None:
        """The step of the code, the last one where no code is needed, None where it is wrong."""
        secret, used = (account.totp, account.totp_step) if account else (b"", 0)
        # also where none is needed: the same work
        step = matching_step(secret or NOBODYS, code, self._wall_ns() / NS, used)
        return step if secret else 0

    def _passed(self, account: Account, password: str, step: int) -> None:
        changed = account
        if account.totp:
            changed = msgspec.structs.replace(changed, totp_step=step)  # no code twice
        if self._hasher.outdated(account.hash):
            changed = msgspec.structs.replace(changed, hash=self._hasher.hash(password))
        if changed is not account:
            self._keep(changed)

    # ------------------------------------------------------------------ changes

    def add(self, name: str, person: str, password: str, *, change_next: bool = True) -> None:
        """A new account. Raises BadInput where the name is taken or the password too easy."""
        key = checked_name(name)
        if key in self._accounts:
            zh = f"用户名“{key}”已被使用，请另选一个"
            raise BadInput(f"the account '{key}' is there already", tip="give another name", zh=zh)
        if len(self._accounts) >= MAX_ACCOUNTS:
            raise BadInput("accounts", found=str(len(self._accounts)), expected=f"at most {MAX_ACCOUNTS}")
        check_password(password, key, person)
        hashed = self._hasher.hash(password)
        account = Account(name=key, person=person, hash=hashed, changed_ns=self._wall_ns(), change_next=change_next)
        self._keep(account)

    def change_password(self, name: str, old: str, new: str, code: str, session: str, now_ns: int) -> Login:
        """The person's own change: as a log-in with the old one, then the new one counts. Raises BadInput for it."""
        login = self.unlock(name, old, code, session, now_ns)
        if login.ok:
            if normal(new) == normal(old):
                raise BadInput("the new password", found="the old one", expected="another", zh="新密码与旧密码相同")
            self._set(self._named(name), new, change_next=False)
        return login

    def set_password(self, name: str, new: str) -> None:
        """Given by an administrator: to be changed at the next log-in. Raises BadInput."""
        account = self._named(name)
        self._set(account, new, change_next=True)
        self._lockout.free(_ending(account.name))

    def _set(self, account: Account, new: str, *, change_next: bool) -> None:
        check_password(new, account.name, account.person)
        hashed = self._hasher.hash(new)
        now_ns = self._wall_ns()
        self._keep(msgspec.structs.replace(account, hash=hashed, changed_ns=now_ns, change_next=change_next))

    def begin_totp(self, name: str, secret: bytes, step: int = 0) -> None:
        """A second factor from now on, once a code of `step` has shown that the person's phone has the secret.

        Raises BadInput where there is no such account, or it has one: that would shut out the phone which has it.
        """
        account = self._named(name)
        if account.totp:
            raise BadInput(f"the account '{account.name}' has a second factor already")
        self._keep(msgspec.structs.replace(account, totp=secret, totp_step=step))

    def take_totp(self, name: str, password: str, code: str, session: str, now_ns: int) -> Login:
        """The person's own end of it: as a log-in with password and code, then it is asked for no more."""
        login = self.unlock(name, password, code, session, now_ns)
        if login.ok:
            self.end_totp(name)
        return login

    def end_totp(self, name: str) -> None:
        """No second factor any more (a lost phone)."""
        self._keep(msgspec.structs.replace(self._named(name), totp=b"", totp_step=0))

    def drop(self, name: str) -> None:
        """The account is gone; what its person did stays in the audit."""
        account = self._named(name)
        self._write({key: a for key, a in self._accounts.items() if key != account.name})

    def _named(self, name: str) -> Account:
        account = self._accounts.get(plain(name))
        if account is None:
            raise BadInput(f"there is no account '{plain(name)}'", zh=f"没有账号“{plain(name)}”")
        return account

    def _keep(self, account: Account) -> None:
        self._write({**self._accounts, account.name: account})

    def _write(self, accounts: dict[str, Account]) -> None:
        write_secret(self._path, msgspec.msgpack.encode(list(accounts.values())))
        self._accounts = accounts  # only once it is on disk


def wrong(code: str) -> Text:
    """What is said of a failed attempt: it depends on what was given alone, never on what is right."""
    return WRONG if code.strip() else WRONG_BARE


def plain(name: str) -> str:
    """One form of a name, however it was typed."""
    return unicodedata.normalize("NFKC", name[: 4 * MAX_NAME]).strip().casefold()


def checked_name(name: str) -> str:
    """The one form of a new account's name. Raises BadInput where it has none, or is too long."""
    key = plain(name)
    if not key or len(key) > MAX_NAME:
        zh = f"用户名需 1 到 {MAX_NAME} 个字符"
        raise BadInput("the account's name", found=f"{len(key)} characters", expected=f"1 to {MAX_NAME}", zh=zh)
    return key


def _keys(name: str, origin: str, *, known: bool = False) -> tuple[str, ...]:
    """What an attempt counts for: the name at this origin, the origin, and the name wherever it comes from.

    The last locks at BRAKE times as many failures: one stranger locks a name for their own address and not for an
    officer at another, and many addresses together cannot guess on for long all the same.
    """
    of, at = "known" if known else "stranger", origin[:128]
    return f"{of} {at}{_ending(name)}", f"{of} origin {at}", f"{EVERYWHERE} {of}{_ending(name)}"


def _ending(name: str) -> str:
    return f" name:{name[:MAX_NAME]!r}"  # quoted: no name that a stranger tries ends as another


def _locked(left_ns: int, *, known: bool) -> Login:
    minutes = max(1, -(-left_ns // (60 * NS)))
    text = Text(f"失败次数过多，请 {minutes} 分钟后再试", f"too many failures: try again in {minutes} min")
    return Login(reason=text, locked_s=-(-left_ns // NS), known=known)
