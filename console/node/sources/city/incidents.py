"""The demo city's shift, incidents and warnings as a function of time; knows no screen and sends nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from console.api import NS, Board, Incident, Shift, Text, Value, Warning_
from console.node.sources.city.areas import ROOT
from console.node.sources.city.clock import StormClock

T = Text
BEIJING = dt.timezone(dt.timedelta(hours=8))


class Affair(Value, frozen=True):
    """An incident of the storm: begins, is done step by step and ends at storm hours.

    `fact_done` is (storm hour, number) at the start of the situation and its rate per minute; `sub` is a subdistrict.
    """

    order: int
    title: Text
    grade: int
    town: str
    sub: str
    board: Board
    place: Text
    response: Text
    fact: Text
    begin_h: float
    end_h: float
    step: int
    at: tuple[float, float]
    sensors: tuple[str, ...] = ()
    report: Text = T("续报", "next report")
    report_every_min: float = 0.0
    report_at_min: float = 0.0
    done: float = 0.0
    done_per_min: float = 0.0
    of: float = 0.0
    later_min: float = 0.0
    later: Text = T("")
    """The response from so many minutes after the start of the situation on."""


AFFAIRS: tuple[Affair, ...] = (
    Affair(
        order=1,
        title=T("世纪大道 电动车起火", "Century Ave. scooter fire"),
        grade=4,
        town="fengdong",
        sub="fengdong.sanqiao",
        board=Board.PUBLIC,
        place=T("沣东 三桥街道", "Fengdong Sanqiao"),
        response=T("消防处置", "fire unit"),
        fact=T("已扑灭", "put out"),
        begin_h=-4.3,
        end_h=-3.1,
        step=5,
        at=(930, 690),
        report=T(""),
    ),
    Affair(
        order=2,
        title=T("兰池大道 供水支管爆裂", "Lanchi Ave. water burst"),
        grade=4,
        town="qinhan",
        sub="qinhan.yaodian",
        board=Board.LIFELINE,
        place=T("秦汉 窑店街道", "Qinhan Yaodian"),
        response=T("水务抢修", "water repair"),
        fact=T("已恢复", "restored"),
        begin_h=-3.6,
        end_h=-1.4,
        step=5,
        at=(640, 372),
        report=T(""),
    ),
    Affair(
        order=3,
        title=T("沣河超保证水位", "Feng R. over guaranteed level"),
        grade=2,
        town="fengxi",
        sub="fengxi.mawang",
        board=Board.NATURAL,
        place=T("沣西 马王街道", "Fengxi Mawang"),
        response=T("防汛 II 级响应", "flood response II"),
        fact=T("转移", "moved"),
        begin_h=-38 / 60,
        end_h=4.1,
        step=3,
        at=(509, 775),
        sensors=("river.level.H-严家渠", "river.level.H-秦渡"),
        report_every_min=60,
        report_at_min=22,
        done=412,
        done_per_min=2.2,
        of=620,
    ),
    Affair(
        order=5,
        title=T("同文路下穿积水", "Tongwen underpass flooded"),
        grade=3,
        town="fengxi",
        sub="fengxi.diaotai",
        board=Board.LIFELINE,
        place=T("沣西", "Fengxi"),
        response=T("排涝 03 在途 4 min", "Pumps 03 on the way"),
        fact=T("车内人数 核实中", "people in car: checking"),
        begin_h=-5 / 60,
        end_h=2.4,
        step=1,
        at=(420, 652),
        sensors=("drain.underpass.U-同文", "drain.pump.DP-同文2"),
        report=T("首报", "first report"),
        report_every_min=60,
        report_at_min=10,
        later_min=4,
        later=T("排涝 03 到场", "Pumps 03 on scene"),
    ),
    Affair(
        order=4,
        title=T("咸户路 树木倒伏", "Xianhu Rd. fallen tree"),
        grade=4,
        town="fengxi",
        sub="fengxi.tianyuan",
        board=Board.PUBLIC,
        place=T("沣西", "Fengxi"),
        response=T("城管处置", "town service"),
        fact=T("单侧已通行", "one side open"),
        begin_h=-52 / 60,
        end_h=0.42,
        step=4,
        at=(250, 660),
        report=T("待办结", "to be closed"),
    ),
    Affair(
        order=6,
        title=T("天元路 燃气疑似泄漏", "Tianyuan Rd. gas leak"),
        grade=3,
        town="fengdong",
        sub="fengdong.wangsi",
        board=Board.LIFELINE,
        place=T("沣东 王寺街道", "Fengdong Wangsi"),
        response=T("抢修 07 到场", "Repair 07 on scene"),
        fact=T("警戒 200 m", "cordon 200 m"),
        begin_h=7 / 60,
        end_h=2.1,
        step=1,
        at=(720, 610),
        sensors=("gas.pressure.G-117", "gas.pressure.G-116"),
        report=T("首报", "first report"),
        report_every_min=60,
        report_at_min=37,
    ),
)


def affairs_at(clock: StormClock, now_ns: int, positions: dict[int, tuple[float, float]]) -> Iterator[Incident]:
    """Incidents of the present storm that have begun, open or closed; `positions` by order, lon and lat."""
    yield from yesterday(clock.anchor_ns, positions)
    storm_round = clock.round_of(now_ns)
    if storm_round < 0:
        return
    zero_ns = clock.time_of(0.0, storm_round)
    day = dt.datetime.fromtimestamp(zero_ns / NS, BEIJING).strftime("%m%d")
    for affair in AFFAIRS:
        begin_ns = clock.time_of(affair.begin_h, storm_round)
        if now_ns < begin_ns:
            continue
        end_ns = clock.time_of(affair.end_h, storm_round)
        yield _incident(
            affair,
            f"{day}-{affair.order + 10 * storm_round:02d}",
            now_ns,
            begin_ns,
            end_ns,
            zero_ns,
            positions[affair.order],
        )


_CLOSED = (
    ("11", T("沣东 电梯困人", "Fengdong: people in a lift"), "fengdong.sanqiao", Board.PUBLIC, 21.03, 0.6),
    ("10", T("咸户路 管线挖断", "Xianhu Rd.: pipe dug through"), "fengxi.tianyuan", Board.LIFELINE, 16.67, 2.2),
)
"""Incidents of the day before the start: number, title, where, board, hour of the day, hours it took."""


def yesterday(anchor_ns: int, positions: dict[int, tuple[float, float]]) -> Iterator[Incident]:
    """What was closed on the day before the start."""
    day = dt.datetime.fromtimestamp(anchor_ns / NS, BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    day -= dt.timedelta(days=1)
    for (number, title, area, board, hour, took_h), at in zip(_CLOSED, (positions[1], positions[4]), strict=True):
        began_ns = (int(day.timestamp()) + int(hour * 3600)) * NS
        yield Incident(
            id=f"inc.{day:%m%d}-{number}",
            number=f"{day:%m%d}-{number}",
            title=title,
            grade=4,
            area=area,
            board=board,
            place=T(""),
            response=T("已办结", "closed"),
            started_ns=began_ns,
            closed_ns=began_ns + int(took_h * 3600 * NS),
            step=5,
            steps=5,
            lon=at[0],
            lat=at[1],
            simulated=True,
        )


def _incident(
    affair: Affair, number: str, now_ns: int, begin_ns: int, end_ns: int, zero_ns: int, at: tuple[float, float]
) -> Incident:
    closed = now_ns >= end_ns
    since_min = (now_ns - zero_ns) / (60 * NS)
    done = min(max(affair.done + affair.done_per_min * since_min, 0), affair.of) if affair.of else None
    growth = max(0.0, (now_ns - max(zero_ns, begin_ns)) / max(1, end_ns - max(zero_ns, begin_ns)))
    step = 5 if closed else min(4, affair.step + int(growth * (5 - affair.step)))
    due_ns = 0
    if affair.report_every_min and not closed:
        every_ns, first_ns = int(affair.report_every_min * 60 * NS), zero_ns + int(affair.report_at_min * 60 * NS)
        due_ns = first_ns + max(0, -(-(now_ns - first_ns) // every_ns)) * every_ns
    report = T("续报", "next report") if due_ns > zero_ns + int(affair.report_at_min * 60 * NS) else affair.report
    return Incident(
        id=f"inc.{number}",
        number=number,
        title=affair.title,
        grade=affair.grade,
        area=affair.sub,
        board=affair.board,
        place=affair.place,
        response=affair.later if affair.later.zh and since_min >= affair.later_min else affair.response,
        fact=affair.fact,
        fact_done=float(int(done)) if done is not None else None,
        fact_of=affair.of or None,
        started_ns=begin_ns,
        closed_ns=end_ns if closed else 0,
        report_kind=report,
        report_due_ns=due_ns,
        step=step,
        steps=5,
        lon=at[0],
        lat=at[1],
        sensors=affair.sensors,
        simulated=True,
    )


def shift_at(now_ns: int) -> Shift:
    """The shift on duty: nights 20:00–08:00, days 08:00–20:00, Beijing time."""
    now = dt.datetime.fromtimestamp(now_ns / NS, BEIJING)
    night = not 8 <= now.hour < 20
    start = now.replace(hour=20 if night else 8, minute=0, second=0, microsecond=0)
    if start > now:
        start -= dt.timedelta(days=1)
    start_ns = int(start.timestamp()) * NS
    name = T("夜班", "Night") if night else T("白班", "Day")
    return Shift(
        id="shift.seat1",
        officer=T("李卫国", "Li Weiguo"),
        seat=T("值班一席", "Duty desk 1"),
        area=ROOT,
        name=name,
        start_ns=start_ns,
        end_ns=start_ns + 12 * 3600 * NS,
        simulated=True,
    )


def warnings_at(clock: StormClock, now_ns: int) -> Iterator[Warning_]:
    """The rainstorm warning: orange, from two hours before the full situation to about three hours after."""
    storm_round = clock.round_of(now_ns)
    if storm_round < 0:
        return
    sent_ns, ends_ns = clock.time_of(-2.2, storm_round), clock.time_of(2.3, storm_round)
    if clock.scenario == "storm" and clock.speed == 1.0:
        ends_ns = -(-ends_ns // (3600 * NS)) * 3600 * NS
    if sent_ns <= now_ns < ends_ns:
        yield Warning_(
            id=f"warn.rain.{storm_round}",
            event=T("暴雨橙色预警", "Orange rainstorm warning"),
            priority=2,
            area=ROOT,
            sent_ns=sent_ns,
            expires_ns=ends_ns,
            simulated=True,
        )
