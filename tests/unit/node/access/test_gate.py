"""The whole door: log-in to verdict to audit, revocation, broken glass, expiry, first start."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.api import NS, BadInput, Board, RefusedError, SettingsError, Text
from console.node.access.actions import Action
from console.node.access.audit import Audited, cut
from console.node.access.gate import AccessSettings, Admission, Gate
from console.node.access.office import SecurityOffice
from console.node.access.policy import Revocation
from console.node.access.sessions import Session
from console.node.access.steady import Steady
from console.node.access.verdict import RULES, Leave
from tests.unit.node.access.site import CHEAP, GOOD, PARENTS, POLICY, Clocks, Site, person


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    for name in ("duty", "north", "security", "system", "half_wall", "stranger"):
        made.gate.accounts.add(name, name, GOOD, change_next=False)
    yield made
    made.gate.close()


async def entered(site: Site, name: str) -> Session:
    admitted = await site.gate.login(name, GOOD, origin="10.0.0.5", place="seat 1")
    assert admitted.session is not None
    return admitted.session


def last(site: Site) -> tuple[Audited, bool, str, str]:
    entry = site.entries[-1]
    return entry.what, entry.ok, entry.person, entry.rule


async def test_a_log_in_gives_a_session_that_may_what_the_role_says(site: Site) -> None:
    session = await entered(site, "north")
    assert last(site) == (Audited.LOGIN, True, "north", "password")
    assert (site.entries[-1].origin, site.entries[-1].place, site.entries[-1].role) == ("10.0.0.5", "seat 1", "desk")
    assert site.gate.may(session, Action.ACKNOWLEDGE, "n1", Board.PUBLIC, "alarm").may
    refused = site.gate.may(session, Action.ACKNOWLEDGE, "s1", entity="alarm:7")
    assert (refused.leave, refused.rule) == (Leave.REFUSED, "no_grant")
    assert last(site) == (Audited.REFUSED, False, "north", "no_grant") and site.entries[-1].entity == "alarm:7"


async def test_who_is_not_in_the_policy_is_told_what_a_wrong_password_is_told(site: Site) -> None:
    unknown = await site.gate.login("stranger", GOOD)
    wrong = await site.gate.login("duty", "wrong wrong wrong")
    nobody = await site.gate.login("no such name", GOOD)
    assert unknown == wrong == nobody and unknown.session is None


async def test_a_name_that_is_no_accounts_is_never_written(site: Site) -> None:
    for _ in range(6):
        await site.gate.login("my secret password", "duty")
    assert all("my secret" not in repr(entry) for entry in site.entries)
    assert {entry.rule for entry in site.entries if entry.what is Audited.LOGIN} == {"wrong", "locked_out"}
    assert Audited.LOCKED_OUT in {entry.what for entry in site.entries}


async def test_no_secret_comes_into_the_audit(site: Site) -> None:
    admitted = await site.gate.login("duty", GOOD)
    assert admitted.session is not None
    await site.gate.change_password(admitted.session, GOOD, "nine grey geese at dusk")
    text = repr(site.entries) + repr(admitted) + repr(site.gate.sessions)
    assert GOOD not in text and "nine grey" not in text and admitted.token not in text


async def test_a_console_comes_back_with_its_token_also_after_a_restart(site: Site) -> None:
    admitted = await site.gate.login("duty", GOOD)
    assert site.gate.resume(admitted.token).session == admitted.session
    site.gate.close()
    again = site.made(site.clocks)
    assert again.resume(admitted.token).session == admitted.session
    assert again.resume("forged").session is None
    again.close()


async def test_who_logged_out_stays_out_after_a_node_was_killed(site: Site) -> None:
    admitted = await site.gate.login("duty", GOOD)
    stays = await site.gate.login("duty", GOOD)
    assert admitted.session is not None
    site.gate.tick()
    site.gate.logout(admitted.session)
    site.gate.tick()
    await site.gate.apart(lambda: None)  # behind what the thread has to write
    again = site.made(site.clocks)  # nothing was closed in good order
    assert again.resume(admitted.token).session is None
    assert again.resume(stays.token).session == stays.session
    again.close()


async def test_a_revoked_person_is_out_before_the_policy_is_taken(site: Site) -> None:
    session = await entered(site, "north")
    revoked = replace(POLICY, version=8, revocations=(Revocation(person="north", reason="left"),))
    site.gate.offer(site.key.sign(revoked, site.clocks.wall_ns))
    assert site.ended == [("north", "revoked")]
    assert site.gate.may(session, Action.VIEW, "n1").rule == "session_ended"
    assert (await site.gate.login("north", GOOD)).session is None


async def test_a_revoked_certificate_ends_its_sessions_only(site: Site) -> None:
    card = site.gate.certified("duty", "AB12")
    other = site.gate.certified("duty", "CD34")
    assert card.session and other.session
    changed = replace(POLICY, version=8, revocations=(Revocation(certificate="AB12"),))
    site.gate.offer(site.key.sign(changed, site.clocks.wall_ns))
    assert site.gate.sessions.all() == [other.session]
    assert site.gate.certified("duty", "AB12").reason == RULES["revoked"]
    assert site.gate.certified("stranger", "EF").session is None


async def test_every_minute_sessions_are_asked_again(site: Site) -> None:
    session = await entered(site, "duty")
    site.clocks.go(13 * 3600)
    site.gate.tick()
    assert site.ended == [("duty", "life_over")]
    assert site.gate.may(session, Action.VIEW).rule == "session_ended"


async def test_a_locked_screen_reads_alarms_and_nothing_else(site: Site) -> None:
    session = await entered(site, "duty")
    site.clocks.go(601)
    site.clocks.set_wall(-86_400)
    assert site.gate.may(session, Action.VIEW, "n1", topic="alarm").may
    for action, topic in itertools.product(Action, ("", "incident", "alarm")):
        if (action, topic) != (Action.VIEW, "alarm"):
            assert site.gate.may(session, action, "n1", topic=topic).rule == "locked"
    assert (await site.gate.unlock(session, "wrong wrong wrong")).zh
    assert (await site.gate.unlock(session, GOOD)) == Text("")
    assert site.gate.may(session, Action.ACKNOWLEDGE, "n1").may


async def test_who_came_by_certificate_unlocks_with_the_password(site: Site) -> None:
    session = site.gate.certified("duty", "AA").session
    assert session is not None
    site.gate.sessions.lock(session.number)
    assert (await site.gate.unlock(session, GOOD)) == Text("")
    assert site.gate.may(session, Action.ACKNOWLEDGE, "n1").may


async def test_nobody_else_unlocks_my_screen(site: Site) -> None:
    session = await entered(site, "duty")
    site.gate.sessions.lock(session.number)
    posing = replace(session, name="north")
    assert (await site.gate.unlock(posing, GOOD)).zh
    assert site.gate.may(session, Action.ACKNOWLEDGE, "n1").rule == "locked"


@pytest.mark.parametrize("name", ["wall-1", "half_wall"])
async def test_a_wall_never_locks_never_ends_and_never_commands(site: Site, name: str) -> None:
    wall = site.gate.certified(name, "AA", kind="wall").session
    assert wall is not None
    site.clocks.go(30 * 86_400)
    site.gate.tick()
    assert site.gate.break_glass(wall, "the house is on fire").rule == "view_only"
    for action in Action:
        if action is not Action.VIEW:
            assert site.gate.may(wall, action, "n1").rule == "view_only"


async def test_who_calls_a_desk_a_wall_gains_nothing(site: Site) -> None:
    wall = (await site.gate.login("duty", GOOD, kind="wall")).session
    assert wall is not None
    assert site.gate.may(wall, Action.VIEW, "n1").may
    assert site.gate.may(wall, Action.ACKNOWLEDGE, "n1").rule == "view_only"


async def test_breaking_the_glass_needs_words_lasts_its_time_and_marks_every_act(site: Site) -> None:
    session = await entered(site, "north")
    assert not site.gate.may(session, Action.WARNING_ISSUE, "n1").may
    assert site.gate.break_glass(session, " \n ").rule == "no_reason"
    assert site.gate.break_glass(session, "指挥长失联").may
    assert last(site)[:2] == (Audited.GLASS_BROKEN, True) and site.entries[-1].reason == "指挥长失联"
    verdict = site.gate.may(session, Action.WARNING_ISSUE, "n1")
    assert (verdict.leave, verdict.marks) == (Leave.EMERGENCY, ("break_glass",))
    assert last(site) == (Audited.EMERGENCY, True, "north", "break_glass")
    assert site.entries[-1].marks == ("break_glass",)
    assert not site.gate.may(session, Action.WARNING_ISSUE, "s1").may
    assert not site.gate.may(session, Action.AUDIT_READ, "n1").may
    for _ in range(32):
        site.clocks.go(58)
        site.gate.sessions.acted(session.number, site.gate.steady.now_ns())
    site.gate.tick()
    assert last(site) == (Audited.GLASS_ENDED, True, "north", "")
    assert not site.gate.may(session, Action.WARNING_ISSUE, "n1").may


async def test_a_broken_glass_shows_its_end_and_is_mended_before(site: Site) -> None:
    session = await entered(site, "north")
    assert site.gate.glass_until_ns(session) == 0
    site.gate.break_glass(session, "radio is dead")
    assert site.gate.glass_until_ns(session) == site.gate.steady.now_ns() + 1800 * NS
    site.gate.mend_glass(session)
    assert last(site) == (Audited.GLASS_ENDED, True, "north", "") and site.gate.glass_until_ns(session) == 0
    assert not site.gate.may(session, Action.WARNING_ISSUE, "n1").may


@pytest.mark.parametrize(("name", "rule"), [("system", "office"), ("security", "office"), ("half_wall", "view_only")])
async def test_administrators_and_viewers_cannot_break_the_glass(site: Site, name: str, rule: str) -> None:
    session = await entered(site, name)
    found = site.gate.break_glass(session, "let me in please").rule
    assert found == rule


async def test_who_streams_is_told_when_rights_change(site: Site) -> None:
    told: list[float] = []
    site.gate._on_changed = lambda: told.append(site.clocks.boot_ns / NS)
    session = await entered(site, "north")
    site.gate.break_glass(session, "radio is dead")
    assert len(told) == 1
    site.clocks.go(1801)
    site.gate.tick()
    assert len(told) == 2
    site.gate.tick()
    site.gate.areas({**PARENTS, "n3": "north"})
    assert len(told) == 3
    site.clocks.go(72 * 3600)
    site.gate.tick()
    assert len(told) == 4
    site.gate.tick()
    assert len(told) == 4


async def test_past_its_validity_only_own_area_emergencies_each_marked(tmp_path: Path) -> None:
    site = Site(tmp_path, own_area="north")
    session = site.gate.certified("duty", "AA").session
    assert session is not None
    assert site.gate.may(session, Action.INCIDENT_CLOSE, "n1").leave is Leave.ALLOWED
    site.clocks.go(71 * 3600)
    assert not site.gate.policy_age().expired
    site.clocks.go(3600)
    site.clocks.set_wall(-10 * 86_400)
    age = site.gate.policy_age()
    assert age.expired and age.version == 7 and age.age_ns == 72 * 3600 * NS
    session = site.gate.certified("duty", "AA").session
    assert session is not None
    verdict = site.gate.may(session, Action.INCIDENT_RESPOND, "n1")
    assert (verdict.leave, verdict.marks) == (Leave.EMERGENCY, ("policy_expired",))
    assert last(site)[0] is Audited.EMERGENCY
    assert site.gate.may(session, Action.INCIDENT_CLOSE, "n1").rule == "policy_expired"
    assert site.gate.may(session, Action.INCIDENT_RESPOND, "s1").rule == "policy_expired"
    site.gate.close()


async def test_personal_data_and_administration_leave_a_line(site: Site) -> None:
    duty, system = await entered(site, "duty"), await entered(site, "system")
    site.gate.may(duty, Action.VIEW_PERSONAL, "n1", topic="person", entity="person:north")
    assert (site.entries[-1].what, site.entries[-1].entity) == (Audited.VIEW_PERSONAL, "person:north")
    site.gate.may(system, Action.SYSTEM_STOP)
    assert last(site)[:3] == (Audited.ADMINISTRATION, True, "system")
    before = len(site.entries)
    site.gate.may(duty, Action.VIEW, "n1", topic="sensor")
    assert len(site.entries) == before


async def test_a_refusal_over_and_over_is_one_line_with_its_count(site: Site) -> None:
    session = await entered(site, "north")
    before = len(site.entries)
    for _ in range(500):
        site.gate.may(session, Action.ACKNOWLEDGE, "s1")
    assert len(site.entries) == before + 1
    site.clocks.go(61)
    site.gate.tick()
    assert site.entries[-1].count == 499 and len(site.entries) == before + 2


async def test_allowed_acts_on_different_things_are_a_line_each(site: Site) -> None:
    duty = await entered(site, "duty")
    before = len(site.entries)
    for who in ("person:a", "person:b", "person:a"):
        site.gate.may(duty, Action.VIEW_PERSONAL, "n1", entity=who)
    assert [entry.entity for entry in site.entries[before:]] == ["person:a", "person:b"]


async def test_a_flood_of_log_ins_is_turned_away(site: Site) -> None:
    answers = await asyncio.gather(*(site.gate.login("duty", GOOD, origin=str(k)) for k in range(60)))
    turned = [a for a in answers if a.session is None]
    assert len(turned) == 60 - 32 and all(a.retry_s == 1 for a in turned)


async def test_what_a_stream_shows_is_asked_without_a_line_each(site: Site) -> None:
    session = await entered(site, "north")
    before = len(site.entries)
    assert site.gate.sees(session, "n1", Board.PUBLIC, "sensor") and not site.gate.sees(session, "s1", topic="sensor")
    site.clocks.go(601)
    assert site.gate.sees(session, "n1", topic="alarm") and not site.gate.sees(session, "n1", topic="sensor")
    assert len(site.entries) == before


def test_texts_of_strangers_are_cut_and_forge_no_line() -> None:
    assert cut("a\nb\x1b[31m") == "a·b·[31m" and len(cut("x" * 1000)) == 200


async def test_changing_a_password_ends_the_others_sessions(site: Site) -> None:
    mine, other = await entered(site, "duty"), await entered(site, "duty")
    assert await site.gate.change_password(mine, GOOD, "nine grey geese at dusk") == Text("")
    assert site.gate.sessions.all() == [mine] and site.ended == [(other.person, "replaced")]


# ---------------------------------------------------------------- first start and the security office


class First:
    """A node nobody has been named on."""

    def __init__(self, folder: Path, *, local: bool = False) -> None:
        self.clocks, self.folder = Clocks(), folder
        self.entries: list[object] = []
        key = SecurityOffice.key_at(folder)
        settings = AccessSettings(cost=CHEAP, local=local)
        trusted = key.public if key else None
        self.gate = Gate(folder, settings, self.entries.append, trusted=trusted, steady=Steady(self.clocks.read))
        self.gate.open()
        self.office = SecurityOffice(folder, self.gate, key)

    async def named(self, code: str) -> Admission:
        return await self.office.first_administrator(code, "Site", "wang", Text("王", "Wang"), GOOD, origin="o")


async def test_the_first_administrator_needs_the_code_and_a_good_password(tmp_path: Path) -> None:
    first = First(tmp_path)
    code = first.office.first_code()
    with pytest.raises(RefusedError):
        await first.named("AAAA-AAAA-AAAA-AAAA")
    with pytest.raises(BadInput, match="at least 12"):
        await first.office.first_administrator(code, "Site", "wang", Text("王"), "short")
    with pytest.raises(BadInput, match="1 to 64"):
        await first.office.first_administrator(code, "Site", "w" * 65, Text("王"), GOOD)
    admitted = await first.office.first_administrator(
        code.lower().replace("-", " "), "Site", " wang ", Text("王", "Wang"), GOOD, origin="o"
    )
    assert admitted.session is not None and not first.office.first_start
    assert code not in repr(first.entries) and GOOD not in repr(first.entries)
    with pytest.raises(RefusedError):
        await first.named(code)
    with pytest.raises(RefusedError, match="already"):
        first.office.first_code()
    session = admitted.session
    assert first.gate.may(session, Action.PEOPLE_EDIT).may
    assert not first.gate.may(session, Action.AUDIT_READ).may and not first.gate.may(session, Action.VIEW).may
    first.gate.close()
    again = First(tmp_path)
    assert not again.office.first_start and (await again.gate.login("wang", GOOD)).session is not None
    again.gate.close()


async def test_guessing_the_code_is_locked(tmp_path: Path) -> None:
    first = First(tmp_path)
    code = first.office.first_code()
    for _ in range(5):
        with pytest.raises(RefusedError):
            await first.named("AAAA-AAAA-AAAA-AAAA")
    with pytest.raises(RefusedError):
        await first.named(code)
    first.clocks.go(901)
    assert (await first.named(code)).session is not None
    first.gate.close()


async def test_a_first_start_that_was_cut_off_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = First(tmp_path)
    monkeypatch.setattr(first.gate.accounts, "add", lambda *_a, **_k: (_ for _ in ()).throw(OSError("cut")))
    with pytest.raises(OSError, match="cut"):
        await first.named(first.office.first_code())
    first.gate.close()
    again = First(tmp_path)
    assert again.office.first_start
    assert (await again.named(again.office.first_code())).session is not None
    again.gate.close()


async def test_before_there_are_people_the_local_seat_is_on_duty_and_then_no_more(tmp_path: Path) -> None:
    first = First(tmp_path, local=True)
    local = first.gate.local().session
    assert local is not None and first.gate.may(local, Action.ACKNOWLEDGE, "n1").leave is Leave.ALLOWED
    assert not first.gate.may(local, Action.PEOPLE_EDIT).may
    first.gate.sessions.lock(local.number)
    first.clocks.go(14 * 3600)
    assert first.gate.may(local, Action.ACKNOWLEDGE, "n1").may  # nobody could unlock it, so it never locks
    await first.named(first.office.first_code())
    assert first.gate.may(local, Action.ACKNOWLEDGE, "n1").rule == "session_ended"
    assert first.gate.local().session is None
    first.gate.close()


async def test_the_security_office_signs_names_and_revokes(tmp_path: Path) -> None:
    first = First(tmp_path)
    admin = (await first.named(first.office.first_code())).session
    assert admin is not None and first.gate.shelf.policy is not None
    policy = first.gate.shelf.policy
    people = (*policy.people, person("li", ("duty_officer", "")), person("w", ("wall", ""), wall=True))
    assert first.office.sign(admin, replace(policy, people=people)).version == 2
    await first.office.add_account(admin, "li", "li", GOOD)
    admitted = await first.gate.login("li", GOOD)
    assert admitted.change_next and admitted.session is not None
    with pytest.raises(RefusedError, match="no role grants this"):
        first.office.sign(admitted.session, policy)
    with pytest.raises(BadInput, match="no wall"):
        await first.office.add_account(admin, "screen", "w", GOOD)
    with pytest.raises(SettingsError, match="nobody may hold two"):
        first.office.sign(admin, replace(policy, people=(person("x", ("audit_admin", ""), ("system_admin", "")),)))
    await first.office.set_password(admin, "li", "nine grey geese at dusk")
    assert first.gate.sessions.all() == [admin]
    assert first.office.revoke(admin, person="li", reason="left").version == 3
    assert (await first.gate.login("li", "nine grey geese at dusk")).session is None
    with pytest.raises(RefusedError, match="themselves"):
        first.office.revoke(admin, person="wang", reason="oops")
    first.gate.close()


async def test_where_the_key_lies_the_policy_never_gets_old(tmp_path: Path) -> None:
    first = First(tmp_path)
    await first.named(first.office.first_code())
    for _ in range(100):
        first.clocks.go(3600)
        first.office.renew()
    assert first.gate.policy_age().age_ns < 2 * 3600 * NS and first.gate.policy_age().version == 1
    first.gate.close()
