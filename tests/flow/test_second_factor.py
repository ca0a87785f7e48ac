"""A second factor over a real socket: a person turns it on, logs in with it, an administrator takes it off."""

from __future__ import annotations

import base64
from pathlib import Path

from console.api import NS, Enrolment, Text
from console.node.access.totp import STEP_S, _code
from tests.flow.guarded import ADMIN, OFFICER, OWN, Console, GuardedNode, administrated, console, guarded
from tests.flow.nodes import until

DONE = Text("")


class Phone:
    """An authenticator: it has the secret that was typed in, and a clock that is off by so much."""

    def __init__(self, node: GuardedNode, enrolment: Enrolment) -> None:
        self._node, self._secret = node, base64.b32decode(enrolment.secret)
        self.off_s = 0.0

    @property
    def code(self) -> str:
        now_s = self._node.clocks.wall_ns / NS + self.off_s
        return _code(self._secret, int(now_s) // STEP_S).decode()


def two_factors(at: Console) -> bool:
    return at.desk.access.two_factors


def seated(at: Console) -> bool:
    return bool(at.desk.access.person)


async def test_turned_on_used_and_taken_off(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        async with console(node) as chief, console(node) as elsewhere, console(node) as officer:
            await administrated(node, chief)
            desk = officer.desk
            assert await desk.login("north", OFFICER) == DONE
            assert (await desk.begin_factor(OFFICER)) != DONE, "first the given password is changed"
            assert await desk.change_password(OFFICER, OWN) == DONE
            assert await elsewhere.desk.login("north", OWN) == DONE

            assert isinstance(await desk.begin_factor("not the password"), Text)
            begun = await desk.begin_factor(OWN)
            assert isinstance(begun, Enrolment)
            phone = Phone(node, begun)
            assert (await desk.confirm_factor("12345")).zh
            assert not two_factors(officer)
            assert await desk.confirm_factor(phone.code) == DONE
            await until(lambda: two_factors(officer))
            await until(lambda: not seated(elsewhere))
            assert (await chief.desk.roster()).people[1].two_factors
            desk.logout()
            await until(lambda: not seated(officer) and desk.link.status.up)

            bare = await desk.login("north", OWN)
            assert bare == await desk.login("north", "not the password"), "it does not tell whether it was right"
            assert "动态码" in bare.zh
            assert (await desk.login("north", OWN, phone.code)).zh, "the code that confirmed it was used"
            node.go(STEP_S)
            used = phone.code
            assert await desk.login("north", OWN, used) == DONE
            assert two_factors(officer)
            assert (await elsewhere.desk.login("north", OWN, used)).zh, "a code opens once"
            node.go(2 * STEP_S)
            phone.off_s = -29.0
            assert await elsewhere.desk.login("north", OWN, phone.code) == DONE
            elsewhere.desk.logout()
            await until(lambda: not seated(elsewhere) and elsewhere.desk.link.status.up)

            put = await chief.desk.administer("account.factor_off", account="north", reason="")
            assert put.zh, "a reason is needed"
            assert (await desk.administer("account.factor_off", account="chief", reason="I want to")).zh
            reason = "phone lost on patrol"
            assert await chief.desk.administer("account.factor_off", account="north", reason=reason) == DONE
            await until(lambda: not two_factors(officer))
            assert await elsewhere.desk.login("north", OWN) == DONE
            said = bytes(elsewhere.said) + bytes(chief.said)
    told = [entry for entry in node.entries() if entry.header.kind == "access.account"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "journal").rglob("*") if path.is_file())
    for secret in (begun.secret.encode(), base64.b32decode(begun.secret), used.encode()):
        assert secret not in said
        if len(secret) > 6:
            assert secret not in kept
    assert any(reason in repr(entry) for entry in told)


async def test_a_restart_of_the_node_forgets_what_was_begun_and_keeps_what_is_in_force(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node, console(node) as chief:
        await administrated(node, chief)
        assert isinstance(await chief.desk.begin_factor(ADMIN), Enrolment)
    async with guarded(tmp_path) as node, console(node) as chief:
        assert await chief.desk.login("chief", ADMIN) == DONE
        assert (await chief.desk.confirm_factor("123456")).zh
        begun = await chief.desk.begin_factor(ADMIN)
        assert isinstance(begun, Enrolment)
        phone = Phone(node, begun)
        assert await chief.desk.confirm_factor(phone.code) == DONE
    async with guarded(tmp_path) as node, console(node) as chief:
        assert (await chief.desk.login("chief", ADMIN)).zh
        node.go(STEP_S)
        phone = Phone(node, begun)
        phone.off_s = STEP_S - 1
        assert await chief.desk.login("chief", ADMIN, phone.code) == DONE
        node.go(STEP_S)
        assert await chief.desk.end_factor(ADMIN, phone.code) == DONE
        await until(lambda: not two_factors(chief))


async def test_who_guesses_too_often_is_told_how_long_to_wait(tmp_path: Path) -> None:
    async with guarded(tmp_path) as node:
        async with console(node) as chief:
            await administrated(node, chief)
        async with console(node) as guesser:
            assert guesser.desk.retry_s == 0
            for _ in range(6):
                assert (await guesser.desk.login("north", "not the password")).zh
            assert 0 < guesser.desk.retry_s <= 900
