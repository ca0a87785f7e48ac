"""Who is logged in, at the console: what a control may be enabled for, what is said of a cut, what is kept of why."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import Access, Area, Enrolment, LinkError, RefusedError, Text
from console.client.access import ACTED_S, CUT, SILENT, UNSAID, Presence
from console.wire.access import AccessAnswer, AccessFrame, Acted, Administered, Lock, Login, SecondFactor
from console.wire.frames import Message

AREAS = {area.id: area for area in (Area(id="city"), Area(id="north", parent="city"), Area(id="n1", parent="north"))}
CIRCLE = {"a": Area(id="a", parent="b"), "b": Area(id="b", parent="a")}


class Line:
    """A link that answers what the test says."""

    def __init__(self, answer: Message | Exception | None = None) -> None:
        self.answer = answer
        self.said: list[Message] = []

    def number(self) -> int:
        return 7

    def say(self, message: Message) -> None:
        if isinstance(self.answer, Exception):
            raise self.answer
        self.said.append(message)

    async def ask(self, message: Message, req: int, kind: type[Any]) -> Any:
        self.say(message)
        return self.answer


def presence(line: Line | None = None, areas: dict[str, Area] | None = None) -> tuple[Presence, list[Access]]:
    """A presence and what it was before each change."""
    changes: list[Access] = []
    return Presence(line or Line(), lambda: areas if areas is not None else AREAS, changes.append), changes


def told(at: Presence, **access: Any) -> None:
    at.take(AccessFrame(access=Access(**access)))


def test_a_control_is_enabled_in_the_areas_and_below_them() -> None:
    at, _ = presence()
    assert at.may("acknowledge", "anywhere"), "nothing is known yet"
    told(at, person="p", may={"acknowledge": ("north",), "handover": ("",)})
    assert at.may("acknowledge", "north")
    assert at.may("acknowledge", "n1")
    assert at.may("acknowledge"), "somewhere"
    assert not at.may("acknowledge", "city")
    assert at.may("handover", "city")
    assert not at.may("incident.grade")
    told(at, person="p", locked=True, may={"acknowledge": ("",)})
    assert not at.may("acknowledge")
    told(at)
    assert not at.may("view")


def test_areas_that_name_each_other_end_the_search() -> None:
    at, _ = presence(areas=CIRCLE)
    told(at, person="p", may={"view": ("elsewhere",)})
    assert not at.may("view", "a")


def test_only_a_change_is_told_and_why_nobody_is_there_stays_until_somebody_is() -> None:
    at, changes = presence()
    told(at, person="p")
    told(at, person="p")
    assert changes == [UNSAID]
    told(at, reason=Text("已撤销", "revoked"))
    told(at, policy_version=3)
    assert at.access.reason.en == "revoked"
    told(at, person="p")
    told(at)
    assert at.access.reason == Text(""), "who leaves is told nothing of before"


async def test_what_the_node_says_no_to_is_said_in_both_languages() -> None:
    for answer, expected in (
        (AccessAnswer(req=7), Text("")),
        (AccessAnswer(req=7, reason=Text("错", "wrong")), Text("错", "wrong")),
        (RefusedError("not here", zh="不行"), Text("不行", "not here")),
        (LinkError("cut"), CUT),
    ):
        at, _ = presence(Line(answer))
        assert await at.login("n", "p", "") == expected
        assert await at.unlock("p", "") == expected
    silent = LinkError("no answer")
    silent.__cause__ = TimeoutError()
    at, _ = presence(Line(silent))
    assert await at.break_glass("why") == SILENT
    at, _ = presence(Line(Administered(req=7, reason=Text("错", "wrong"))))
    assert await at.administer("person.put", {}) == Text("错", "wrong")
    at, _ = presence(Line(LinkError("cut")))
    with pytest.raises(LinkError):
        await at.roster()


def test_that_the_person_is_there_is_said_now_and_then_and_never_while_nobody_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr("console.client.access.time.monotonic", lambda: now_s)
    line = Line()
    at, _ = presence(line)
    at.acted()
    assert line.said == [], "nobody was named: nothing locks"
    told(at, person="p")
    for _ in range(3):
        at.acted()
    assert line.said == [Acted()]
    now_s += ACTED_S
    at.acted()
    assert line.said == [Acted(), Acted()]
    told(at, person="p", locked=True)
    now_s += ACTED_S
    at.acted()
    assert len(line.said) == 2, "a locked screen is unlocked, not touched"
    at.lock()
    assert line.said[-1] == Lock()


def test_what_cannot_be_said_while_the_link_is_cut_is_left_out() -> None:
    at, _ = presence(Line(LinkError("cut")))
    for say in (at.lock, at.logout, at.mend_glass):
        say()
    assert at.access is UNSAID


def test_messages_with_secrets_print_their_names_alone() -> None:
    login = Login(req=1, name="n", password="a secret", code="123456")
    assert "secret" not in repr(login)
    assert "123456" not in f"{login}"
    frame = AccessFrame(access=Access(person="p"), token="a token")
    assert "a token" not in repr(frame)


async def test_a_second_factor_is_begun_confirmed_and_ended_and_prints_no_secret() -> None:
    enrolment = Enrolment(secret="GEZD", issuer="s", account="p", uri="otpauth://totp/s:p?secret=GEZD")
    line = Line(AccessAnswer(req=7, enrolment=enrolment))
    at, _ = presence(line)
    assert await at.begin_factor("pass phrase") == enrolment
    assert await at.confirm_factor("123456") == Text("")
    assert await at.end_factor("pass phrase", "123456") == Text("")
    said = [message for message in line.said if isinstance(message, SecondFactor)]
    assert [(m.op, m.password, m.code) for m in said] == [
        ("begin", "pass phrase", ""),
        ("confirm", "", "123456"),
        ("end", "pass phrase", "123456"),
    ]
    printed = repr(said) + repr(line.answer)
    assert not any(secret in printed for secret in ("pass phrase", "123456", "GEZD"))
    line.answer = AccessAnswer(req=7, reason=Text("不对", "no"))
    assert await at.begin_factor("x") == Text("不对", "no")


async def test_how_long_to_wait_is_known_until_the_next_try() -> None:
    line = Line(AccessAnswer(req=7, reason=Text("锁", "locked"), retry_s=900))
    at, _ = presence(line)
    assert at.retry_s == 0
    await at.login("p", "x", "")
    assert 890 < at.retry_s <= 900
    line.answer = AccessAnswer(req=7)
    await at.login("p", "y", "")
    assert at.retry_s == 0
