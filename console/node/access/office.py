"""What security administrators do: first start, people, roles, revocations, accounts; knows no screen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from console.api import NS, BadInput, RefusedError, Text
from console.node.access.accounts import checked_name
from console.node.access.actions import Action
from console.node.access.audit import Audited
from console.node.access.first import FirstCode, first_policy
from console.node.access.gate import Admission, Gate
from console.node.access.lockout import Lockout
from console.node.access.passwords import check_password
from console.node.access.policy import Policy, Revocation
from console.node.access.sessions import Session
from console.node.access.shelf import Offered
from console.node.access.signing import PolicyKey
from console.node.access.verdict import words

KEY: Final = "policy.key"
RENEW_NS: Final = 3600 * NS


class SecurityOffice:
    """The node that holds the site's policy key; others only take what it signs.

    `key_at` reads it: call it before the gate is made, and give the gate its public half as `trusted`.
    """

    def __init__(self, folder: Path, gate: Gate, key: PolicyKey | None) -> None:
        self._folder, self._gate, self._key = folder, gate, key
        self._code, self._tries = FirstCode(), Lockout()

    @staticmethod
    def key_at(folder: Path) -> PolicyKey | None:
        """The site's policy key where this node holds it. Raises ResourceError."""
        return PolicyKey.at(folder / KEY)

    # ------------------------------------------------------------------ the first start

    @property
    def first_start(self) -> bool:
        """Whether nobody was ever named here: no account, and no policy but one that a first start was cut off with."""
        elsewhere = self._key is None and self._gate.trusts  # the site began on another node
        return not elsewhere and len(self._gate.accounts) == 0 and self._gate.policy_age().version <= 1

    def first_code(self) -> str:
        """The code to print once on the terminal of who starts the node; never log it. Raises RefusedError later on."""
        if not self.first_start:
            raise RefusedError("this site has its first administrator already")
        return self._code.drawn()

    async def first_administrator(
        self, code: str, site: str, name: str, person_name: Text, password: str, *, origin: str = ""
    ) -> Admission:
        """Make the first administrator and log in. Raises RefusedError for the code, BadInput for name and password."""
        now_ns = self._gate.steady.now_ns()
        if self._tries.locked_until_ns(origin, now_ns) or not self.first_start or not self._code.fits(code):
            self._tries.failed(origin, now_ns)
            self._gate.recorder.write(Audited.ACCOUNT, ok=False, origin=origin, rule="first_code")
            raise RefusedError(
                "the code is not the one that this node printed when it was started",
                zh="代码与本节点启动时显示的不符",
            )
        name, site = name.strip(), site.strip()
        if not name or not site:
            zh = "请填写用户名和单位名称"
            raise BadInput("the first administrator", found="no name or no site", expected="both", zh=zh)
        checked_name(name)  # all that can be wrong is told before the code is used up
        check_password(password, name)
        self._code.used()
        # key and policy first, the account last: a start that is cut off between can be done again
        self._key = self._key or PolicyKey.new(self._folder / KEY)
        if not self._gate.trusts:
            self._gate.trust(self._key.public)
        self._gate.offer(self._key.sign(first_policy(site, name, person_name), self._gate.steady.wall_ns()))
        await self._gate.apart(partial(self._gate.accounts.add, name, name, password, change_next=False))
        self._gate.recorder.write(Audited.ACCOUNT, person=name, origin=origin, rule="first_administrator")
        return await self._gate.login(name, password, origin=origin)

    # ------------------------------------------------------------------ the policy

    def sign(self, session: Session, policy: Policy) -> Offered:
        """Put a changed policy in force, one version higher than ours whatever it bears.

        Raises RefusedError where the session may not or this node has no key, SettingsError naming what is wrong.
        """
        self._ask(session, Action.POLICY_SIGN)
        known = self._gate.policy_age().version
        next_one = msgspec.structs.replace(policy, version=known + 1)
        return self._gate.offer(self._held().sign(next_one, self._now_after_last()))

    def revoke(self, session: Session, *, person: str = "", certificate: str = "", reason: str) -> Offered:
        """Person or certificate count no more, from this call on. Raises RefusedError, BadInput."""
        self._ask(session, Action.PEOPLE_REVOKE)
        policy = self._gate.shelf.policy
        if policy is None or (person and person not in {p.id for p in policy.people}):
            raise BadInput(f"revocation of '{person or certificate}'", found="nobody of that id in the policy")
        if person == session.person:
            raise RefusedError(
                "nobody revokes themselves: another administrator has to", zh="不能撤销自己：须由另一位管理员办理"
            )
        since_ns = self._gate.steady.wall_ns()
        one = Revocation(person=person, certificate=certificate, reason=reason, since_ns=since_ns)
        changed = msgspec.structs.replace(policy, version=policy.version + 1, revocations=(*policy.revocations, one))
        return self._gate.offer(self._held().sign(changed, self._now_after_last()))

    @property
    def signs(self) -> bool:
        """Whether changes can be made here."""
        return self._key is not None

    def renew(self) -> bool:
        """Sign the policy anew once it is an hour old, so that it never gets old where its key is. Call each minute."""
        age, key = self._gate.policy_age(), self._key
        if key is None or age.version == 0 or age.age_ns < RENEW_NS:
            return False
        opened = self._gate.shelf.opened
        return opened is not None and self._gate.offer(key.renew(opened, self._gate.steady.wall_ns())).taken

    # ------------------------------------------------------------------ accounts

    async def add_account(self, session: Session, name: str, person: str, password: str) -> None:
        """A log-in for a person of the policy, its password to be changed at once. Raises RefusedError, BadInput."""
        self._ask(session, Action.PEOPLE_EDIT)
        policy = self._gate.shelf.policy
        found = next((p for p in policy.people if p.id == person), None) if policy else None
        if found is None or found.wall:
            zh = f"名册中没有人员“{person}”"
            raise BadInput(f"account '{name}'", found=f"'{person}'", expected="a person of the policy, no wall", zh=zh)
        await self._gate.apart(partial(self._gate.accounts.add, name, person, password))
        self._gate.recorder.write(Audited.ACCOUNT, session, rule="added", entity=f"person:{person}")

    async def set_password(self, session: Session, name: str, password: str) -> None:
        """A new one for who forgot theirs; their sessions end. Raises RefusedError, BadInput."""
        self._ask(session, Action.PEOPLE_EDIT)
        await self._gate.apart(partial(self._gate.accounts.set_password, name, password))
        self._gate.sessions.end_person(self._gate.accounts.person_of(name), "replaced", but=session.number)
        self._gate.recorder.write(Audited.ACCOUNT, session, rule="password_set", entity=f"account:{name}")

    async def factor_off(self, session: Session, name: str, reason: str) -> None:
        """Take the second factor off for who lost the phone; nobody turns one on for another. Raises as above."""
        self._ask(session, Action.PEOPLE_EDIT)
        account = self._gate.accounts.named(name)
        if account is None or not account.totp:
            raise BadInput(f"the second factor of '{name}'", found="none", expected="an account that has one")
        if account.person == session.person:
            raise RefusedError(
                "one's own second factor is turned off in the account menu, by password and code",
                zh="自己的二次验证请在账号菜单中用密码和动态码停用",
            )
        if not reason.strip():
            raise BadInput("the reason", found="nothing", expected="why, in words")
        await self._gate.apart(partial(self._gate.accounts.end_totp, name))
        self._gate.recorder.write(
            Audited.ACCOUNT, session, rule="factor_off", entity=f"account:{account.name}", reason=reason.strip()
        )

    def _ask(self, session: Session, action: Action) -> None:
        verdict = self._gate.may(session, action)
        if not verdict.may:
            raise RefusedError(words(verdict).of("en"), zh=words(verdict).zh)

    def _held(self) -> PolicyKey:
        if self._key is None:
            raise RefusedError(
                "this node does not hold the site's policy key: sign where it lies",
                zh="本节点没有签发策略的密钥：请在持有密钥的节点上办理",
            )
        return self._key

    def _now_after_last(self) -> int:
        opened = self._gate.shelf.opened
        now_ns = self._gate.steady.wall_ns()
        return max(now_ns, opened.order.issued_ns + 1) if opened is not None else now_ns
