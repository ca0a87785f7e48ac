"""A second factor from its beginning to its end: nothing is in force before a code has shown that the phone has it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.api import NS, BadInput, Enrolment, RefusedError, Text
from console.node.access.office import SecurityOffice
from console.node.access.second_factor import NONE, NOT_BEGUN, THERE, WRONG_CODE, SecondFactor
from console.node.access.sessions import Session
from console.node.access.totp import STEP_S, _code
from tests.unit.node.access.site import GOOD, Site

DONE = Text("")


class Flat:
    """A site, two people with accounts, and what a phone shows."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.gate = self.site.gate
        for name in ("duty", "security"):
            self.gate.accounts.add(name, name, GOOD, change_next=False)
        self.factor = SecondFactor(self.gate)
        self.office = SecurityOffice(folder, self.gate, self.site.key)
        self.secret = b""

    async def login(self, name: str = "duty", code: str = "") -> Session | None:
        return (await self.gate.login(name, GOOD, code)).session

    async def seat(self, name: str = "duty", code: str = "") -> Session:
        session = await self.login(name, code)
        assert session is not None
        return session

    def code(self, off_s: float = 0.0) -> str:
        """What a phone shows whose clock is so far off."""
        return _code(self.secret, int(self.site.clocks.wall_ns / NS + off_s) // STEP_S).decode()

    async def begun(self, session: Session) -> Enrolment:
        begun = await self.factor.begin(session, GOOD)
        assert isinstance(begun, Enrolment)
        self.secret = base64.b32decode(begun.secret)
        return begun

    async def on(self, session: Session) -> None:
        await self.begun(session)
        assert await self.factor.confirm(session, self.code()) == DONE

    def wrong(self) -> str:
        return "000000" if self.code() != "000000" else "000001"


@pytest.fixture
def flat(tmp_path: Path) -> Iterator[Flat]:
    made = Flat(tmp_path)
    yield made
    made.gate.close()


async def test_it_is_in_force_once_a_code_has_confirmed_it_and_the_other_sessions_end(flat: Flat) -> None:
    elsewhere, here = await flat.seat(), await flat.seat()
    begun = await flat.begun(here)
    assert begun.account == "duty" and begun.issuer == "test"
    assert begun.secret in begun.uri and begun.uri.startswith("otpauth://totp/test:duty?")
    assert await flat.login() is not None, "what is begun changes nothing"
    assert await flat.factor.confirm(here, flat.wrong()) == WRONG_CODE
    assert await flat.login() is not None
    assert await flat.factor.confirm(here, flat.code()) == DONE
    assert [s.number for s in flat.gate.sessions.all()] == [here.number]
    assert ("duty", "replaced") in flat.site.ended and elsewhere.number != here.number
    assert await flat.login() is None
    assert await flat.login(code=flat.code()) is None, "the code that confirmed it was used"
    flat.site.clocks.go(STEP_S)
    assert await flat.login(code=flat.code()) is not None
    assert await flat.login(code=flat.code()) is None, "the same code twice"


@pytest.mark.parametrize("off_s", [-29.0, 29.0])
async def test_a_phone_whose_clock_is_off_by_29_s_gets_in(flat: Flat, off_s: float) -> None:
    await flat.on(await flat.seat())
    flat.site.clocks.go(2 * STEP_S)
    assert await flat.login(code=flat.code(off_s)) is not None


async def test_a_phone_whose_clock_is_off_by_two_minutes_does_not(flat: Flat) -> None:
    await flat.on(await flat.seat())
    flat.site.clocks.go(6 * STEP_S)
    assert await flat.login(code=flat.code(-120.0)) is None


async def test_what_is_said_without_a_code_does_not_tell_whether_the_password_was_right(flat: Flat) -> None:
    await flat.on(await flat.seat())
    tries = [("duty", GOOD), ("duty", "not the password"), ("security", "not the password"), ("ghost", GOOD)]
    said = {(await flat.gate.login(name, password)).reason.en for name, password in tries}
    assert len(said) == 1
    assert "six digits" in said.pop()


async def test_what_was_begun_is_forgotten_after_ten_minutes_by_a_lock_and_by_a_restart(flat: Flat) -> None:
    here = await flat.seat()
    await flat.begun(here)
    assert await SecondFactor(flat.gate).confirm(here, flat.code()) == NOT_BEGUN, "a restart forgets it"
    flat.gate.sessions.lock(here.number)
    with pytest.raises(RefusedError, match="locked"):
        await flat.factor.confirm(here, flat.code())
    assert await flat.gate.unlock(here, GOOD) == DONE
    flat.gate.sessions.acted(here.number, flat.gate.steady.now_ns())
    flat.site.clocks.go(299)
    flat.gate.sessions.acted(here.number, flat.gate.steady.now_ns())
    flat.site.clocks.go(299)
    flat.gate.sessions.acted(here.number, flat.gate.steady.now_ns())
    flat.site.clocks.go(3)
    assert await flat.factor.confirm(here, flat.code()) == NOT_BEGUN
    assert await flat.login() is not None


async def test_the_password_is_asked_for_and_a_second_one_does_not_replace_the_first(flat: Flat) -> None:
    here = await flat.seat()
    assert isinstance(await flat.factor.begin(here, "not the password"), Text)
    assert await flat.factor.confirm(here, "123456") == NOT_BEGUN
    await flat.on(here)
    assert await flat.factor.begin(here, GOOD) == THERE
    flat.site.clocks.go(STEP_S)
    assert await flat.login(code=flat.code()) is not None


async def test_two_begun_at_once_leave_one_in_force(flat: Flat) -> None:
    one, other = await flat.seat(), await flat.seat()
    await flat.begun(one)
    first = flat.secret
    await flat.on(other)
    with pytest.raises(RefusedError):
        await flat.factor.confirm(one, flat.code())
    assert first != flat.secret
    flat.site.clocks.go(STEP_S)
    assert await flat.login(code=flat.code()) is not None


async def test_it_is_taken_off_by_password_and_code(flat: Flat) -> None:
    here = await flat.seat()
    assert await flat.factor.end(here, GOOD, "123456") == NONE
    await flat.on(here)
    flat.site.clocks.go(STEP_S)
    assert (await flat.factor.end(here, GOOD, "")).zh
    assert (await flat.factor.end(here, "not the password", flat.code())).zh
    assert await flat.factor.end(here, GOOD, flat.code()) == DONE
    assert await flat.login() is not None


async def test_an_administrator_takes_it_off_another_with_a_reason_and_never_off_themselves(flat: Flat) -> None:
    chief, here = await flat.seat("security"), await flat.seat()
    await flat.on(here)
    for name, reason in (("duty", "  "), ("security", "lost"), ("ghost", "lost")):
        with pytest.raises(BadInput):
            await flat.office.factor_off(chief, name, reason)
    with pytest.raises(RefusedError):
        await flat.office.factor_off(here, "security", "I want to")
    await flat.office.factor_off(chief, "duty", "phone lost on patrol")
    assert await flat.login() is not None
    last = [entry for entry in flat.site.entries if entry.rule == "factor_off"][-1]
    assert (last.person, last.entity, last.reason) == ("security", "account:duty", "phone lost on patrol")
    await flat.on(chief)
    with pytest.raises(RefusedError, match="account menu"):
        await flat.office.factor_off(chief, "security", "lazy")


async def test_who_has_no_account_is_told_so_and_nothing_of_a_secret_is_printed(flat: Flat) -> None:
    by_certificate = flat.gate.certified("north", "77").session
    assert by_certificate is not None
    with pytest.raises(RefusedError, match="no account"):
        await flat.factor.begin(by_certificate, GOOD)
    here = await flat.seat()
    begun = await flat.begun(here)
    raw = repr(flat.secret)[2:-1]
    await flat.factor.confirm(here, flat.wrong())
    said = repr(begun) + repr(flat.factor._pending) + repr(flat.site.entries)
    assert begun.secret not in said and raw not in said
