"""Seats: sitting down, the log, handovers with two signatures, and what the node counts as open."""

from __future__ import annotations

from pathlib import Path

from console.api import Alarm, AlarmState, HandoverPhase, Incident, Person, Seat, Sensor, Shift, Text
from console.node.access.actions import Action
from console.wire.frames import Intent
from tests.unit.node.acts.room import START_NS, room

SEAT = "seat.east"


async def test_who_sits_down_is_on_duty_over_a_restart_and_nobody_takes_a_seat_without_a_reason(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        one.hub.put("people", [Person(id="p.li", name=Text("李卫国", "Li Weiguo"))])
        assert "本人" in await one.refused("shift.start", SEAT, "p.wang", officer="p.li")
        await one.saved("shift.start", SEAT, "p.li", seat="值班二席", area="town.east", name_zh="夜班", end_ns=START_NS)
        seat, shift = one.shown(Seat, SEAT), one.shown(Shift, SEAT)
        assert (seat.officer, seat.name.zh, seat.area, seat.shift.zh) == ("p.li", "值班二席", "town.east", "夜班")
        assert (shift.officer, shift.seat.zh, shift.end_ns) == (Text("李卫国", "Li Weiguo"), "值班二席", START_NS)
        assert "p.li 在此席位" in await one.refused("shift.start", SEAT, "p.wang")
        assert "已在此席位" in await one.refused("shift.start", SEAT, "p.li")
        await one.saved("shift.log", SEAT, "p.li", text="收听天气会商", ref="incident:a")
        assert "内容为空" in await one.refused("shift.log", SEAT, "p.li")
        await one.saved("shift.start", SEAT, "p.wang", reason="李突发疾病")
        assert one.shown(Seat, SEAT).officer == "p.wang"
        assert [line.text for line in one.shown(Seat, SEAT).log] == ["李突发疾病"]
        before = one.shown(Seat, SEAT)
    async with room(tmp_path, one.clocks) as two:
        assert two.shown(Seat, SEAT) == before
        assert two.shown(Shift, SEAT).officer == Text("p.wang")


async def test_a_handover_takes_two_signatures_and_speaks_of_what_the_node_counts_as_open(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        one.hub.put(
            "city",
            [
                Sensor(id="s1", area="town.east"),
                Alarm(id="alarm:s1", sensor="s1", state=AlarmState.SHELVED),
                Incident(id="old", area="town.east", closed_ns=5),
                Incident(id="far", area="town"),
                Incident(id="near", area="town.east"),
            ],
        )
        await one.saved("shift.start", SEAT, "li", area="town.east")
        await one.saved("incident.report", "mine", title="漏水", area="town.east")
        await one.journalled.tick()
        assert one.shown(Seat, SEAT).open == ("incident:mine", "incident:near", "alarm:alarm:s1")
        assert "在岗的 li" in await one.refused("shift.draft", SEAT, "wang", coming="zhao", text="平安")
        assert "两人" in await one.refused("shift.draft", SEAT, "li", coming="li", text="平安")
        assert "尚未填写" in await one.refused("shift.sign_off", SEAT, "li")
        await one.saved("shift.draft", SEAT, "li", coming="wang", text="一起漏水", mentioned=["incident:mine"])
        assert "2 项未了事项" in await one.refused("shift.sign_off", SEAT, "li")
        # a console cannot say that less is open
        assert "未知参数 open" in await one.refused("shift.sign_off", SEAT, "li", open=[])
        assert "li 本人签字" in await one.refused("shift.sign_off", SEAT, "wang", reason="x")
        await one.saved("shift.sign_off", SEAT, "li", reason="其余由区指挥部跟进")
        handover = one.shown(Seat, SEAT).handover
        assert handover is not None
        assert (handover.phase, handover.unsaid) == (HandoverPhase.SIGNED_OFF, ("incident:near", "alarm:alarm:s1"))
        assert "wang 本人签字" in await one.refused("shift.take", SEAT, "li")
        assert "理由" in await one.refused("shift.object", SEAT, "wang")
        await one.saved("shift.object", SEAT, "wang", reason="未写报警屏蔽")
        every = ["incident:mine", "incident:near", "alarm:alarm:s1"]
        await one.saved("shift.draft", SEAT, "li", coming="wang", text="三项", mentioned=every)
        await one.saved("shift.sign_off", SEAT, "li")
        assert "由接班人" in await one.refused("shift.draft", SEAT, "li", coming="wang", text="改")
        await one.saved("shift.take", SEAT, "wang", name_zh="白班", name_en="Day")
        seat = one.shown(Seat, SEAT)
        assert (seat.officer, seat.shift, seat.handover) == ("wang", Text("白班", "Day"), None)
        assert [(past.leaving, past.coming, past.objections) for past in seat.past] == [
            ("li", "wang", (("wang", "未写报警屏蔽"),))
        ]
        assert seat.past[0].taken_ns >= seat.past[0].signed_ns > 0


async def test_a_seat_of_a_source_is_its_sources_until_somebody_sits_down(tmp_path: Path) -> None:
    told = Shift(
        id="shift.seat1", officer=Text("李卫国"), seat=Text("值班一席", "Desk 1"), area="town", name=Text("夜班")
    )
    async with room(tmp_path) as one:
        one.hub.put("city", [told])
        assert "数据源" in await one.refused("shift.log", "shift.seat1", "wang", text="记录")
        assert Seat.CLS not in one.hub.entities
        await one.saved("shift.start", "shift.seat1", "wang")
        seat = one.shown(Seat, "shift.seat1")
        assert (seat.name, seat.area, seat.shift.zh) == (Text("值班一席", "Desk 1"), "town", "夜班")
        assert one.journalled.published.theirs([told]) == []


async def test_a_seat_is_acted_on_where_it_is(tmp_path: Path) -> None:
    async with room(tmp_path) as one:

        def areas(**arguments: object) -> list[str]:
            asked = one.intents.asked(Intent(id="i", name="shift.start", entity=SEAT, arguments=arguments))
            assert asked is not None
            assert asked.action is Action.HANDOVER
            return [each.area for each in (asked, *asked.more)]

        assert areas(area="town.east") == ["town.east"]
        await one.saved("shift.start", SEAT, "li", area="town.east")
        assert areas() == ["town.east"]
        assert areas(area="town") == ["town.east", "town"]
