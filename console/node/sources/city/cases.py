"""The staged situation of the demo city's storm: which sensors follow which course; data only.

Courses are (storm hour, value) knots; hour 0 is when the node starts in scenario "storm".
"""

from __future__ import annotations

from console.api import Limit, Text, Value
from console.node.sources.city.kinds import above, below
from console.node.sources.city.weather import Course

T = Text


class Case(Value, frozen=True):
    """One staged sensor.

    `code` and `kind` make its id; `at` is in sketch units; `on` names the road or river that it is moved onto;
    empty texts and limits are those of its kind.
    """

    code: str
    kind: str
    town: str
    at: tuple[float, float]
    site: Text
    course: Course
    on: str = ""
    name: Text = T("")
    cause: str = ""
    noise: float = 0.0
    limits: tuple[Limit, ...] = ()
    alarm: Text = T("")
    likely: Text = T("")
    act: Text = T("")
    unit: str = ""
    normal: float | None = None


GAS, FENG, TONGWEN, WEICHENG = "gas.main.G-115..G-119", "river.feng", "underpass.tongwen", "transformer.weicheng-2"


def knots(text: str) -> Course:
    """A course from "hour:value" pairs."""
    return tuple((float(h), float(v)) for h, v in (pair.split(":") for pair in text.split()))


def leak(late_s: float, depth: float, then: float) -> Course:
    """Pressure of a main that bursts near by: falls in two minutes, sinks on until shut off, comes back when mended.

    `late_s` after the first sensor that sees it; `depth` and `then` in MPa below the quiet 0.385.
    """
    falls = ((-165, 0.0), (-100, 0.45 * depth), (-30, 0.96 * depth), (40, depth))
    drops = (
        *(((s + late_s) / 3600, drop) for s, drop in falls),
        (0.3, then),
        (1.6, then),
        (1.75, then * 0.7),
        (2.1, 0.0),
    )
    return tuple((h, 0.385 - drop) for h, drop in ((-6, 0.0), *drops, (8, 0.0)))


def swell(low: float, now: float, peak: float, begin_h: float) -> Course:
    """A rise from `low` at `begin_h` through `now` at hour 0 to `peak` an hour later, and back."""
    half = low + (now - low) * 0.45
    near = now + (peak - now) * 0.7
    rise = ((-6, low), (begin_h, low), (begin_h / 2, half), (0, now), (0.5, near), (1.2, peak))
    return (*rise, (2.5, now), (4.5, low + (now - low) / 4), (6.5, low), (8, low))


_RAIN = knots(
    "-6:0 -5.2:.06 -4.4:.2 -3.6:.34 -3:.42 -2.4:.4 -1.8:.62 -1.2:.84 -.7:.9 -.3:.93 0:1 .5:1.05 1.1:.9 1.8:.6 2.6:.3"
    " 3.6:.1 4.6:0 8:0"
)
"""An hour's rain as a share of that at hour 0."""


def rain(now: float, late_h: float = 0.0) -> Course:
    """A gauge's last hour: `now` mm at hour 0, the bursts before it later by `late_h`."""
    return tuple((h + late_h if -6 < h < -0.3 else h, now * share) for h, share in _RAIN)


_RIVER = knots(
    "-6:387.97 -5.2:387.96 -4.2:388.10 -3.2:388.34 -2.6:388.60 -2.1:388.90 -1.6:389.16 -1.1:389.36 -.67:389.50"
    " -.36:389.53 -.05:389.585 .25:389.80 .7:389.90 1.4:389.95 2.1:389.97 2.9:389.88 4:389.46 5:388.94 6.2:388.35"
    " 7.2:388.02 8:387.97"
)
_UPSTREAM = tuple((h - 0.7 if -6 < h < 8 else h, 391.30 + (v - 387.97) * 0.88) for h, v in _RIVER)
_GUARANTEED, _WARNING = T("保证", "guaranteed"), T("警戒", "warning")
_SHUT = T("远程关阀 V-31", "close valve V-31 remotely")

CASES: tuple[Case, ...] = (
    Case(
        code="G-117",
        kind="gas.pressure",
        town="fengdong",
        at=(720, 610),
        on="天元路",
        site=T("燃气 G-117", "Gas G-117"),
        course=leak(20, 0.305, 0.35),
        cause=GAS,
        noise=0.001,
        likely=T("疑管段泄漏", "leak suspected"),
        act=_SHUT,
    ),
    Case(
        code="G-116",
        kind="gas.pressure",
        town="fengdong",
        at=(680, 606),
        on="天元路",
        site=T("燃气 G-116", "Gas G-116"),
        course=leak(32, 0.16, 0.17),
        cause=GAS,
        noise=0.001,
        act=_SHUT,
    ),
    Case(
        code="G-118",
        kind="gas.pressure",
        town="fengdong",
        at=(762, 600),
        on="天元路",
        site=T("燃气 G-118", "Gas G-118"),
        course=leak(36, 0.165, 0.175),
        cause=GAS,
        noise=0.001,
        act=_SHUT,
    ),
    Case(
        code="G-115",
        kind="gas.pressure",
        town="fengdong",
        at=(640, 603),
        on="天元路",
        site=T("燃气 G-115", "Gas G-115"),
        course=leak(45, 0.12, 0.125),
        cause=GAS,
        noise=0.001,
        act=T("核对上游压力", "check upstream"),
    ),
    Case(
        code="G-119",
        kind="gas.pressure",
        town="fengdong",
        at=(806, 590),
        on="天元路",
        site=T("燃气 G-119", "Gas G-119"),
        course=leak(50, 0.115, 0.12),
        cause=GAS,
        noise=0.001,
        act=T("核对下游用户", "check users downstream"),
    ),
    Case(
        code="GW-117",
        kind="gas.well",
        town="fengdong",
        at=(721, 612),
        on="天元路",
        site=T("燃气 G-117 阀井", "Gas G-117 pit"),
        course=swell(3, 29, 33, -2.5),
        cause=GAS,
        noise=0.1,
    ),
    Case(
        code="H-严家渠",
        kind="river.level",
        town="fengxi",
        at=(509, 775),
        on="沣河",
        site=T("沣河 严家渠", "Feng R. Yanjiaqu"),
        course=_RIVER,
        cause=FENG,
        noise=0.002,
        normal=387.97,
        limits=(above(1, 389.50, 0.03, _GUARANTEED), above(2, 388.90, 0.03, _WARNING)),
        alarm=T("超保证水位", "over guaranteed level"),
        likely=T("上游来水、持续降雨", "water from upstream, long rain"),
        act=T("转移低洼住户", "move people from low ground"),
    ),
    Case(
        code="H-秦渡",
        kind="river.level",
        town="fengxi",
        at=(470, 960),
        on="沣河",
        site=T("沣河 秦渡", "Feng R. Qindu"),
        course=_UPSTREAM,
        cause=FENG,
        noise=0.002,
        normal=391.3,
        limits=(above(1, 393.30, 0.03, _GUARANTEED), above(2, 392.40, 0.03, _WARNING)),
    ),
    Case(
        code="Y-马王",
        kind="rain.hour",
        town="fengxi",
        at=(400, 790),
        site=T("雨量 马王", "Rain Mawang"),
        course=rain(33.8),
        cause=FENG,
        noise=0.02,
    ),
    Case(
        code="Y-大王",
        kind="rain.hour",
        town="fengxi",
        at=(228, 925),
        site=T("雨量 大王", "Rain Dawang"),
        course=rain(31.9, -0.2),
        cause=FENG,
        noise=0.02,
    ),
    Case(
        code="U-同文",
        kind="drain.underpass",
        town="fengxi",
        at=(420, 652),
        on="同文路",
        site=T("同文路下穿", "Tongwen underpass"),
        course=knots("-6:.6 -1.6:1 -.9:4 -.45:12 -.1:27 0:42 .08:47 .3:53 .6:55 1.4:50 2.2:20 3:2 8:.6"),
        cause=TONGWEN,
        noise=0.12,
        act=T("封闭道路、启备用泵", "close road, start spare pump"),
    ),
    Case(
        code="DP-同文2",
        kind="drain.pump",
        town="fengxi",
        at=(423, 650),
        site=T("同文路 泵P2", "Tongwen pump-P2"),
        course=knots("-6:22 -1.5:24 -.5:58 -.16:64 -.155:0 1.4:0 1.41:60 3.5:24 8:22"),
        cause=TONGWEN,
        noise=0.05,
    ),
    Case(
        code="D-同文",
        kind="drain.manhole",
        town="fengxi",
        at=(418, 656),
        site=T("同文路 集水井", "Tongwen sump"),
        course=swell(30, 168, 176, -2.0),
        cause=TONGWEN,
        noise=0.4,
    ),
    Case(
        code="T-渭城2",
        kind="power.oil",
        town="qinhan",
        at=(655, 297),
        site=T("渭城变 2号", "Weicheng T2"),
        course=knots("-6:62 -2:63 -1.2:68 -.6:82 -.17:95 -.03:95.5 .12:99.5 .3:102 .9:103 1.6:92 2.6:72 4:63 8:62"),
        cause=WEICHENG,
        noise=0.08,
        likely=T("风机3 停", "fan 3 stopped"),
        act=T("转负荷至 1号主变", "shift load to T1"),
    ),
    Case(
        code="TF-渭城3",
        kind="power.load",
        town="qinhan",
        at=(657, 299),
        site=T("渭城变 风机3", "Weicheng fan-3"),
        name=T("电流", "Current"),
        unit="A",
        course=knots("-6:41 -1.02:41 -1:0 1.3:0 1.32:42 8:41"),
        cause=WEICHENG,
        noise=0.03,
        normal=41,
        limits=(below(3, 5, 1),),
        alarm=T("风机停", "fan stopped"),
        likely=T("断路器跳", "breaker open"),
        act=T("现场合闸", "close on site"),
    ),
    Case(
        code="B-06",
        kind="chem.gas",
        town="jinghe",
        at=(888, 90),
        site=T("化工园 B-06", "Chem. park B-06"),
        course=knots("-6:1.2 -1.2:1.3 -.8:4 -.45:11 -.23:15.2 0:18 .12:21 .3:22.6 1.1:21 1.7:9 2.3:2 8:1.2"),
        noise=0.1,
        likely=T("装卸臂渗漏", "leaking loading arm"),
        act=T("厂方复核、停装卸", "plant to verify, stop loading"),
    ),
    Case(
        code="Y-斗门",
        kind="rain.hour",
        town="fengdong",
        at=(792, 752),
        site=T("雨量 斗门", "Rain Doumen"),
        course=rain(36.5, 0.15),
        noise=0.02,
    ),
    Case(
        code="Y-王寺",
        kind="rain.hour",
        town="fengdong",
        at=(652, 652),
        site=T("雨量 王寺", "Rain Wangsi"),
        course=rain(32.6, 0.1),
        noise=0.02,
    ),
)
