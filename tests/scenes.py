"""A quiet night and a storm as entities and samples for a FakeHost; seeded, knows no source and no panel."""

from __future__ import annotations

import random

from console.api import (
    NS,
    Alarm,
    AlarmState,
    Area,
    Board,
    Domain,
    Incident,
    Level,
    Limit,
    Notice,
    Post,
    Resource,
    Sensor,
    Severity,
    Text,
)
from tests.fakes import NOW_NS, FakeHost

TOWNS = {
    "fengdong": Text("沣东新城", "Fengdong New Town"),
    "fengxi": Text("沣西新城", "Fengxi New Town"),
    "qinhan": Text("秦汉新城", "Qinhan New Town"),
    "konggang": Text("空港新城", "Konggang New Town"),
    "jinghe": Text("泾河新城", "Jinghe New Town"),
}
DOMAINS = (
    (Board.LIFELINE, "gas", "燃气", "Gas", 368),
    (Board.LIFELINE, "water", "供水", "Water", 231),
    (Board.LIFELINE, "drain", "排水", "Drainage", 160),
    (Board.LIFELINE, "power", "供电", "Power", 244),
    (Board.LIFELINE, "bridge", "桥隧", "Bridges", 142),
    (Board.PUBLIC, "fire", "消防", "Fire", 120),
    (Board.PUBLIC, "order", "治安", "Order", 100),
    (Board.PUBLIC, "health", "医疗", "Health", 94),
    (Board.PUBLIC, "traffic", "交通", "Traffic", 140),
    (Board.PRODUCTION, "chem", "危化", "Chemicals", 185),
    (Board.PRODUCTION, "build", "建筑", "Building", 84),
    (Board.PRODUCTION, "lift", "特种设备", "Lifts, boilers", 104),
    (Board.NATURAL, "flood", "防汛", "Flood", 180),
    (Board.NATURAL, "slope", "地质", "Geology", 61),
    (Board.NATURAL, "weather", "气象", "Weather", 87),
)
NOTABLE = (
    # id, domain, town, cause, site, wrong, unit, digits, normal, priority, limit, high, likely, first act
    (
        "G-117",
        "gas",
        "fengdong",
        "gas-7",
        ("燃气 G-117", "gas G-117"),
        ("压力低", "low pressure"),
        "MPa",
        2,
        0.31,
        1,
        0.20,
        False,
        ("疑管段泄漏", "Leak suspected"),
        ("远程关阀 V-31", "close valve V-31"),
    ),
    (
        "YJQ",
        "flood",
        "fengxi",
        "feng",
        ("沣河 严家渠", "Feng R. Yanjiaqu"),
        ("超保证水位", "over danger"),
        "m",
        2,
        387.5,
        1,
        389.5,
        True,
        ("", ""),
        ("", ""),
    ),
    (
        "TW",
        "drain",
        "fengxi",
        "tongwen",
        ("同文路下穿", "Tongwen underpass"),
        ("积水", "water"),
        "cm",
        0,
        0.0,
        2,
        27.0,
        True,
        ("", ""),
        ("封闭道路、启备用泵", "close road, start standby pump"),
    ),
    (
        "WC2",
        "power",
        "qinhan",
        "weicheng",
        ("渭城变 2号主变", "Weicheng T2"),
        ("油温高", "oil hot"),
        "℃",
        0,
        68.0,
        2,
        95.0,
        True,
        ("", ""),
        ("转负荷至 1号主变", "shift load to T1"),
    ),
    (
        "B-06",
        "chem",
        "jinghe",
        "",
        ("化工园 可燃气 B-06", "chemicals gas B-06"),
        ("", ""),
        "%LEL",
        0,
        1.0,
        2,
        15.0,
        True,
        ("", ""),
        ("", ""),
    ),
    (
        "RD",
        "flood",
        "fengdong",
        "",
        ("雨量 斗门", "Rain Doumen"),
        ("短时雨强", "heavy rain"),
        "mm",
        1,
        0.0,
        3,
        30.0,
        True,
        ("", ""),
        ("", ""),
    ),
)


def quiet(host: FakeHost, seed: int = 7) -> None:
    """Five towns, fifteen trades, 2,300 streams all well within limits, posts in their garages, nothing open."""
    rng = random.Random(seed)
    host.put(Area(id="xixian", level=Level.NEW_AREA, name=Text("西咸新区", "Xixian New Area")))
    for town, name in TOWNS.items():
        host.put(Area(id=town, parent="xixian", level=Level.NEW_TOWN, name=name))
    for order, (board, domain, zh, en, count) in enumerate(DOMAINS):
        host.put(Domain(id=domain, board=board, name=Text(zh, en), order=order))
        towns = list(TOWNS)[: 4 if domain in ("bridge", "weather") else 3 if domain == "slope" else 5]
        for i in range(count):
            sensor = f"{domain}-{i}"
            limit = Limit(priority=2, value=1.0)
            host.put(
                Sensor(id=sensor, domain=domain, board=board, area=towns[i % len(towns)], normal=0.0, limits=(limit,))
            )
            host.sample(sensor, rng.random() ** 2 * 0.5)
    for id_, domain, town, cause, site, wrong, unit, digits, normal, priority, value, high, likely, act in NOTABLE:
        host.put(
            Sensor(
                id=id_,
                domain=domain,
                area=town,
                cause=cause,
                site=Text(*site),
                alarm_text=Text(*wrong),
                unit=unit,
                digits=digits,
                normal=normal,
                limits=(Limit(priority=priority, value=value, high=high),),
                likely=Text(*likely),
                first_act=Text(*act),
            )
        )
        host.sample(id_, normal)
    _forces(host)
    for i, (old, minutes) in enumerate((("water-4", 22), ("lift-7", 17), ("fire-2", 9), ("bridge-3", 31))):
        closed = host.entities(Sensor)[old]
        names = (
            ("供水 W-042", "water W-042"),
            ("电梯 E-318", "lift E-318"),
            ("消防 烟感", "smoke"),
            ("桥隧 S3", "bridge S3"),
        )
        host.put(_named(closed, *names[i]))
        began = NOW_NS - (5 * 3600 + 2400 * i) * NS
        host.put(Alarm(id=f"old{i}", sensor=old, priority=3, raised_ns=began, ended_ns=began + minutes * 60 * NS))
    for number, zh, en, hours in (
        ("0717-11", "沣东 电梯困人", "Lift stuck", 6),
        ("0717-10", "咸阳路 管线挖断", "Pipe cut", 11),
    ):
        began = NOW_NS - hours * 3600 * NS
        host.put(
            Incident(
                id=number, number=number, title=Text(zh, en), started_ns=began, closed_ns=began + 1800 * NS, step=5
            )
        )


def _named(sensor: Sensor, zh: str, en: str) -> Sensor:
    return Sensor(
        id=sensor.id,
        domain=sensor.domain,
        area=sensor.area,
        normal=sensor.normal,
        limits=sensor.limits,
        unit="MPa",
        site=Text(zh, en),
        alarm_text=Text("压力低", "low"),
    )


def _forces(host: FakeHost) -> None:
    host.put(
        Post(id="hq", name=Text("新区指挥部", "New-area command"), members=6, position="pos-hq"),
        Post(
            id="m1",
            name=Text("移动指挥部 1", "Mobile post 1"),
            mobile=True,
            area="fengxi",
            position="pos-m1",
            link_name=Text("卫星", "sat"),
            link_kbit_s=210,
            place=Text("马王 现场", "at Mawang"),
            status=Text("在场", "there"),
        ),
        Post(
            id="m2",
            name=Text("移动指挥部 2", "Mobile post 2"),
            mobile=True,
            area="jinghe",
            position="pos-m2",
            place=Text("泾河 途中", "to Jinghe"),
            status=Text("驻车", "parked"),
        ),
    )
    for i, (zh, en, szh, sen, tzh, ten) in enumerate(
        (
            ("抢修 07", "Crew 07", "到场 3 min", "there 3 min", "G-117 关阀", "valve V-31"),
            ("消防 12", "Fire 12", "到场 6 min", "there 6 min", "G-117 警戒", "cordon"),
            ("排涝 03", "Pump 03", "到场 4 min", "there 4 min", "同文路", "Tongwen"),
            ("救护 02", "Amb 02", "待命", "ready", "马王卫生院", "Mawang clinic"),
        )
    ):
        host.put(
            Resource(
                id=f"r{i}",
                name=Text(zh, en),
                status=Text(szh, sen),
                task=Text(tzh, ten),
                position=f"pos-r{i}",
                busy=i < 3,
            )
        )
        host.sample(f"pos-r{i}", (108.7, 34.3, 400.0, 90.0, 8.0), age_s=2 + i % 3)
    for post, age_s in (("hq", 1), ("m1", 3), ("m2", 9)):
        host.sample(f"pos-{post}", (108.8, 34.2, 400.0, 0.0, 0.0), age_s=age_s)


def storm(host: FakeHost) -> None:
    """The night of the pictures: gas leak, river over danger, an underpass under water, a post cut off."""
    quiet(host)
    for i in range(4):
        host.drop(Alarm, f"old{i}")
    raised = (
        # id, sensor, priority, state, age in s, value, rate
        ("a1", "G-117", 1, AlarmState.UNACKNOWLEDGED, 42, 0.08, -0.05 / 60),
        ("a2", "YJQ", 1, AlarmState.ACKNOWLEDGED, 38 * 60, 389.62, 0.001),
        ("a3", "TW", 2, AlarmState.UNACKNOWLEDGED, 6 * 60, 42.0, 0.05),
        ("a4", "WC2", 2, AlarmState.UNACKNOWLEDGED, 9 * 60, 96.0, 0.1),
        ("a5", "B-06", 2, AlarmState.ACKNOWLEDGED, 14 * 60, 18.0, 0.2),
        ("a6", "RD", 3, AlarmState.ACKNOWLEDGED, 50 * 60, 36.5, 0.0),
    )
    for id_, sensor, priority, state, age_s, value, rate in raised:
        acked = state is AlarmState.ACKNOWLEDGED
        host.put(
            Alarm(
                id=id_,
                sensor=sensor,
                priority=priority,
                state=state,
                value=value,
                raised_ns=NOW_NS - age_s * NS,
                acknowledged_by="李卫国" if acked else "",
                acknowledged_ns=NOW_NS - (age_s - 30) * NS if acked else 0,
                incident="i3" if sensor == "YJQ" else "",
            )
        )
        host.sample(sensor, value, rate_per_s=rate)
    for n in range(115, 120):  # what the leak moves with it
        if n == 117:
            continue
        host.put(
            Sensor(
                id=f"G-{n}",
                domain="gas",
                area="fengdong",
                cause="gas-7",
                site=Text(f"燃气 G-{n}", f"gas G-{n}"),
                unit="MPa",
                normal=0.31,
                limits=(Limit(priority=2, value=0.2, high=False),),
            ),
            Alarm(id=f"m{n}", sensor=f"G-{n}", priority=2, state=AlarmState.UNACKNOWLEDGED, raised_ns=NOW_NS - 35 * NS),
        )
        host.sample(f"G-{n}", 0.12)
    for i in range(3):
        host.sample(f"build-{3 + 5 * i}", 0.2, age_s=90.0)
    host.put(
        Incident(
            id="i3",
            number="0718-03",
            grade=2,
            title=Text("沣河超保证水位", "Feng River over danger level"),
            area="fengxi",
            place=Text("沣西 马王街道", "Fengxi, Mawang"),
            response=Text("防汛 II 级响应", "flood response II"),
            fact=Text("转移", "moved"),
            fact_done=412,
            fact_of=620,
            started_ns=NOW_NS - 38 * 60 * NS,
            report_kind=Text("续报", "report"),
            report_due_ns=NOW_NS + 22 * 60 * NS,
            step=3,
        ),
        Incident(
            id="i5",
            number="0718-05",
            grade=3,
            title=Text("同文路下穿积水", "Tongwen underpass"),
            area="fengxi",
            response=Text("排涝 03 在途 4 min", "Pump 03, 4 min away"),
            fact=Text("车内人数 核实中", "people inside: checking"),
            started_ns=NOW_NS - 300 * NS,
            report_kind=Text("首报", "first"),
            report_due_ns=NOW_NS + 600 * NS,
            step=1,
        ),
        Incident(
            id="i4",
            number="0718-04",
            grade=4,
            title=Text("咸户路 树木倒伏", "Xianhu Road tree down"),
            area="fengxi",
            response=Text("城管处置", "city crew"),
            fact=Text("单侧已通行", "one side open"),
            started_ns=NOW_NS - 52 * 60 * NS,
            step=4,
        ),
        Post(
            id="m2",
            name=Text("移动指挥部 2", "Mobile post 2"),
            mobile=True,
            area="jinghe",
            position="pos-m2",
            place=Text("泾河 途中", "to Jinghe"),
            link_up=False,
            link_since_ns=NOW_NS - 372 * NS,
            queued=14,
        ),
    )
    host.notice(
        Notice(
            key="camera",
            severity=Severity.WARNING,
            summary=Text("摄像机 C-07 无画面", "Camera C-07: no picture"),
            detail="timeout",
            tip=Text("查电源与网络", "check power and network"),
            since_ns=NOW_NS - 240 * NS,
        )
    )
    host.notice(
        Notice(
            key="disk",
            severity=Severity.ERROR,
            summary=Text("磁盘将满", "Disk nearly full"),
            detail="2 GB",
            tip=Text("清理旧数据", "remove old data"),
            since_ns=NOW_NS - 40 * NS,
        )
    )
