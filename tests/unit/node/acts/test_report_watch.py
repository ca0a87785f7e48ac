"""Reports that are owed: warned of at 50, 80 and 100 %, over restarts and clocks that are set, until they are sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.api import Incident, IncidentRecord, Severity
from console.model.errors import JournalError
from console.node.acts import room_clock
from tests.unit.node.acts.room import MIN, START_NS, Clocks, Room, room

PHONE = "report:a:first_phone:0"
GRADED: dict[str, Any] = {"title": "泄漏", "place": "某路", "nature": "燃气", "verified_by": "张三", "grade": 3}
"""Grade 3: half an hour by phone, an hour in writing."""


def warned(one: Room) -> dict[str, Severity]:
    return {key: notice.severity for key, notice in one.hub.notices.items() if key.startswith("report:")}


async def test_the_officer_is_warned_three_times_and_no_more_once_the_report_is_sent(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("incident.report", "a", **GRADED)
        for minute, expected in (
            (14, {}),
            (1, {PHONE: Severity.INFO}),
            (8, {PHONE: Severity.INFO}),
            (1, {PHONE: Severity.WARNING}),
            (6, {PHONE: Severity.ERROR, "report:a:first_written:0": Severity.INFO}),
        ):
            one.clocks.pass_(minute)
            await one.journalled.tick()
            assert warned(one) == expected
        notice = one.hub.notices[PHONE]
        assert "20261123-001 电话初报已超时限（00:30 前报送）" in notice.summary.zh
        assert "overdue" in notice.summary.en
        await one.saved("incident.send", "a", report="first_phone", to="新区")
        await one.saved("incident.send", "a", report="first_written", to="新区")
        await one.journalled.tick()
        assert warned(one) == {}
        # the final report is owed from when it is under control, and nothing once it is reviewed
        await one.saved("incident.respond", "a", response_level=3, leader="赵")
        await one.saved("incident.control", "a", measures="关阀")
        one.clocks.pass_(24 * 60)
        await one.journalled.tick()
        assert warned(one) == {"report:a:final:0": Severity.ERROR}


async def test_a_limit_runs_on_over_a_restart_and_its_warning_comes_again(tmp_path: Path) -> None:
    clocks = Clocks()
    async with room(tmp_path, clocks) as one:
        await one.saved("incident.report", "a", **GRADED)
        clocks.pass_(10)
        await one.journalled.tick()
        assert warned(one) == {}
    clocks.reboot("second", off_min=8)
    async with room(tmp_path, clocks) as two:
        await two.journalled.tick()
        assert warned(two) == {PHONE: Severity.INFO}
        assert two.shown(IncidentRecord, "a").owed[0].due_ns == START_NS + 30 * MIN
        assert "8 min" in two.hub.notices[PHONE].detail
        clocks.pass_(12)
        await two.journalled.tick()
        assert warned(two)[PHONE] is Severity.ERROR


async def test_a_wall_clock_that_is_set_moves_the_time_shown_and_not_the_limit(tmp_path: Path) -> None:
    clocks = Clocks()
    async with room(tmp_path, clocks) as one:
        await one.saved("incident.report", "a", **GRADED)
        clocks.wall_min += 365 * 24 * 60
        await one.journalled.tick()
        assert warned(one) == {}
        due_ns = START_NS + (365 * 24 * 60 + 30) * MIN
        assert one.shown(IncidentRecord, "a").owed[0].due_ns == due_ns
        assert one.shown(Incident, "a").report_due_ns == due_ns
        clocks.wall_min -= 2 * 365 * 24 * 60
        clocks.pass_(15)
        await one.journalled.tick()
        assert warned(one) == {PHONE: Severity.INFO}


async def test_a_mark_that_cannot_be_saved_hides_no_incident_and_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks = Clocks()
    async with room(tmp_path, clocks) as one:
        await one.saved("incident.report", "a", **GRADED)
    clocks.reboot("second", off_min=20)

    def full(*_: object) -> None:
        raise JournalError("full", "the disk is full: nothing was saved")

    monkeypatch.setattr(room_clock, "_write", full)
    async with room(tmp_path, clocks) as two:
        assert two.shown(Incident, "a").grade == 3
        await two.journalled.tick()
        assert warned(two) == {PHONE: Severity.INFO}


async def test_the_clocks_are_marked_at_start_while_a_limit_runs_and_at_the_end(tmp_path: Path) -> None:
    clocks = Clocks()
    async with room(tmp_path, clocks) as one:
        assert one.journal is not None

        async def marks() -> int:
            assert one.journal is not None
            return sum(entry.header.kind == "clock.mark" for entry in await one.journal.entries())

        clocks.pass_(60)
        await one.journalled.tick()
        assert await marks() == 1  # no limit runs: the journal is left alone
        await one.saved("incident.report", "a", **GRADED)
        await one.journalled.tick()
        assert await marks() == 2
        clocks.pass_(3)
        await one.journalled.tick()
        assert await marks() == 2
        clocks.pass_(3)
        await one.journalled.tick()
        assert await marks() == 3
    async with room(tmp_path, clocks) as two:
        assert two.journal is not None
        assert sum(entry.header.kind == "clock.mark" for entry in await two.journal.entries()) == 5
        assert len(two.journalled.clock.boots) == 1
