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


S = 1 / 3600
"""Hours in a second."""
GAS, FENG, TONGWEN, WEICHENG = "gas.main.G-115..G-119", "river.feng", "underpass.tongwen", "transformer.weicheng-2"


def _leak(late_s: float, depth: float) -> Course:
    """Pressure of a main that bursts near by: falls within two minutes, is shut off, comes back after the repair."""
    quiet = 0.385
    return ((-6, quiet), ((-165 + late_s) * S, quiet), ((-100 + late_s) * S, quiet - 0.45 * depth),
            ((-30 + late_s) * S, quiet - 0.96 * depth), ((40 + late_s) * S, quiet - depth), (0.15,
            quiet - 1.04 * depth),
            (1.6, quiet - 1.06 * depth), (1.75, quiet - 0.7 * depth), (2.1, quiet), (8, quiet))  # fmt: skip


def _swell(low: float, now: float, peak: float, begin_h: float = -4.5, steep: float = 0.55) -> Course:
    """A rise from `low` through `now` at hour 0 to `peak` an hour later, and back."""
    return ((-6, low), (begin_h, low), (begin_h * 0.5, low + (now - low) * (1 - steep)), (0, now), (0.5,
    now + (peak - now) * 0.7),
            (1.2, peak), (2.5, now), (4.5, low + (now - low) * 0.25), (6.5, low), (8, low))  # fmt: skip


_RAIN: Course = ((-6, 0), (-5.2, 0.06), (-4.4, 0.2), (-3.6, 0.34), (-3, 0.42), (-2.4, 0.4), (-1.8, 0.62), (-1.2, 0.84),
                 (-0.7, 0.9), (-0.3, 0.93), (0, 1.0), (0.5, 1.05), (1.1, 0.9), (1.8, 0.6), (2.6, 0.3), (3.6, 0.1), (4.6,
                 0),
                 (8, 0))  # fmt: skip
"""An hour's rain as a share of that at hour 0."""


def _rain(now: float, late_h: float = 0.0) -> Course:
    """A gauge's last hour: `now` mm at hour 0, the bursts before it later by `late_h`."""
    return tuple((h + late_h if -6 < h < -0.3 else h, now * share) for h, share in _RAIN)


_RIVER_LIMITS = (above(1, 389.50, 0.03, T("保证", "guaranteed")), above(2, 388.90, 0.03, T("警戒", "warning")))
_RIVER: Course = ((-6, 387.97), (-5.2, 387.96), (-4.2, 388.10), (-3.2, 388.34), (-2.6, 388.60), (-2.1, 388.90), (-1.6,
389.16),
                  (-1.1, 389.36), (-0.67, 389.50), (0, 389.62), (0.6, 389.73), (1.3, 389.86), (2.1, 389.92), (2.9,
                  389.84),
                  (4, 389.46), (5, 388.94), (6.2, 388.35), (7.2, 388.02), (8, 387.97))  # fmt: skip

CASES: tuple[Case, ...] = (
    Case(code="G-117", kind="gas.pressure", town="fengdong", at=(720, 610), on="天元路", site=T("燃气 G-117",
         "Gas G-117"),
         course=_leak(20, 0.305), cause=GAS, noise=0.001, likely=T("疑管段泄漏", "leak suspected"),
         act=T("远程关阀 V-31", "close valve V-31 remotely")),
    Case(code="G-116", kind="gas.pressure", town="fengdong", at=(680, 606), on="天元路", site=T("燃气 G-116",
         "Gas G-116"),
         course=_leak(32, 0.205), cause=GAS, noise=0.001, act=T("远程关阀 V-31", "close valve V-31 remotely")),
    Case(code="G-118", kind="gas.pressure", town="fengdong", at=(762, 600), on="天元路", site=T("燃气 G-118",
         "Gas G-118"),
         course=_leak(36, 0.215), cause=GAS, noise=0.001, act=T("远程关阀 V-31", "close valve V-31 remotely")),
    Case(code="G-115", kind="gas.pressure", town="fengdong", at=(640, 603), on="天元路", site=T("燃气 G-115",
         "Gas G-115"),
         course=_leak(45, 0.15), cause=GAS, noise=0.001, act=T("核对上游压力", "check upstream")),
    Case(code="G-119", kind="gas.pressure", town="fengdong", at=(806, 590), on="天元路", site=T("燃气 G-119",
         "Gas G-119"),
         course=_leak(50, 0.145), cause=GAS, noise=0.001, act=T("核对下游用户", "check users downstream")),
    Case(code="GW-117", kind="gas.well", town="fengdong", at=(721, 612), on="天元路", site=T("阀井 G-117",
         "Valve pit G-117"),
         course=_swell(3, 29, 33, -2.5), cause=GAS, noise=0.1),
    Case(code="H-严家渠", kind="river.level", town="fengxi", at=(509, 775), on="沣河", site=T("沣河 严家渠",
         "Feng R. Yanjiaqu"),
         course=_RIVER, cause=FENG, noise=0.003, limits=_RIVER_LIMITS, normal=387.97,
         alarm=T("超保证水位", "over guaranteed level"), likely=T("上游来水、持续降雨",
         "water from upstream, long rain"),
         act=T("转移低洼住户", "move people from low ground")),
    Case(code="H-秦渡", kind="river.level", town="fengxi", at=(470, 960), on="沣河", site=T("沣河 秦渡",
         "Feng R. Qindu"),
         course=tuple((h - 0.7 if -6 < h < 8 else h, 391.30 + (v - 387.97) * 0.9) for h, v in _RIVER), cause=FENG,
         noise=0.003,
         limits=(above(1, 393.30, 0.03, T("保证", "guaranteed")), above(2, 392.40, 0.03, T("警戒", "warning"))),
         normal=391.30),
    Case(code="Y-马王", kind="rain.hour", town="fengxi", at=(400, 790), site=T("雨量 马王", "Rain Mawang"),
         course=_rain(33.8), cause=FENG, noise=0.02),
    Case(code="Y-大王", kind="rain.hour", town="fengxi", at=(228, 925), site=T("雨量 大王", "Rain Dawang"),
         course=_rain(31.9, -0.2), cause=FENG, noise=0.02),
    Case(code="U-同文", kind="drain.underpass", town="fengxi", at=(420, 652), on="同文路", site=T("同文路下穿",
         "Tongwen underpass"),
         course=((-6, 0.6), (-1.6, 1), (-0.9, 4), (-0.45, 12), (-0.1, 27), (0, 42), (0.06, 45), (0.5, 47), (1.4, 44),
         (2.2, 20), (3, 2),
                 (8, 0.6)), cause=TONGWEN, noise=0.12, act=T("封闭道路、启备用泵", "close road, start spare pump")),
    Case(code="DP-同文2", kind="drain.pump", town="fengxi", at=(423, 650), site=T("同文路 泵 P2", "Tongwen pump P2"),
         course=((-6, 22), (-1.5, 24), (-0.5, 58), (-0.16, 64), (-0.155, 0), (1.4, 0), (1.41, 60), (3.5, 24), (8, 22)),
         cause=TONGWEN, noise=0.05),
    Case(code="D-同文", kind="drain.manhole", town="fengxi", at=(418, 656), site=T("同文路 集水井", "Tongwen sump"),
         course=_swell(30, 168, 176, -2.0), cause=TONGWEN, noise=0.4),
    Case(code="T-渭城2", kind="power.oil", town="qinhan", at=(655, 297), site=T("渭城变 2号", "Weicheng T2"),
         name=T("油温", "Oil temperature"),
         course=((-6, 62), (-2, 63), (-1.2, 68), (-0.6, 82), (-0.15, 95), (0, 96.0), (0.3, 98), (0.9, 100), (1.6, 92),
         (2.6, 72), (4, 63), (8, 62)),
         cause=WEICHENG, noise=0.08, likely=T("风机 3 停", "fan 3 stopped"), act=T("转负荷至 1号主变",
         "shift load to T1")),
    Case(code="TF-渭城3", kind="power.load", town="qinhan", at=(657, 299), site=T("渭城变 风机 3", "Weicheng fan 3"),
         name=T("电流", "Current"),
         course=((-6, 41), (-1.02, 41), (-1.0, 0), (1.3, 0), (1.32, 42), (8, 41)), cause=WEICHENG, noise=0.03, unit="A",
         limits=(below(3, 5, 1),), alarm=T("风机停", "fan stopped"), likely=T("断路器跳", "breaker open"),
         act=T("现场合闸", "close on site"),
         normal=41),
    Case(code="B-06", kind="chem.gas", town="jinghe", at=(888, 90), site=T("化工园 B-06", "Chem. park B-06"),
         course=((-6, 1.2), (-1.2, 1.3), (-0.8, 4), (-0.45, 11), (-0.23, 15.2), (0, 18), (0.5, 19.6), (1.1, 18.6), (1.7,
         9), (2.3, 2), (8, 1.2)),
         noise=0.1, likely=T("装卸臂渗漏", "leaking loading arm"), act=T("厂方复核、停装卸",
         "plant to verify, stop loading")),
    Case(code="Y-斗门", kind="rain.hour", town="fengdong", at=(792, 752), site=T("雨量 斗门", "Rain Doumen"),
         course=_rain(36.5, 0.15),
         noise=0.02),
    Case(code="Y-王寺", kind="rain.hour", town="fengdong", at=(652, 652), site=T("雨量 王寺", "Rain Wangsi"),
         course=_rain(32.6, 0.1), noise=0.02),
)  # fmt: skip
