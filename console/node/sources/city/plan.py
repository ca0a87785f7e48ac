"""The demo city's ground plan: where its rivers, towns and great roads run; data only.

All positions are in sketch units on a sheet whose x grows eastward and y southward; `km` turns them into the plane.
Rivers and towns lie about where the real ones do, drawn closer together: it is a generated city, not a survey.
"""

from __future__ import annotations

import numpy as np

from console.api import F64, Text, Value
from console.node.sources.city.plane import Points, smooth

UNITS_PER_KM = 38.9
MOUTH = (600.0, 500.0)
"""Where the Feng river meets the Wei: the plane's origin."""
SHEET = (-900.0, -750.0, 2100.0, 1650.0)
"""West, north, east, south end of everything drawn."""


def km(x: float, y: float) -> tuple[float, float]:
    """The plane position in km of a sketch position."""
    return (x - MOUTH[0]) / UNITS_PER_KM, (MOUTH[1] - y) / UNITS_PER_KM


def curve(points: Points, step_km: float = 0.15) -> F64:
    """The smooth curve in km, f64 (n, 2), through sketch positions."""
    return smooth([km(*p) for p in points], step_km)


def corners(points: Points) -> F64:
    """The sketch positions in km, f64 (n, 2)."""
    return np.array([km(*p) for p in points])


class River(Value, frozen=True):
    """A river: centre line in sketch units, half width and swing in km."""

    id: str
    name: Text
    half_km: float
    line: Points
    swing_km: float = 0.0
    wave_km: float = 4.0


class Road(Value, frozen=True):
    """A great road or railway: `kind` motorway, main or rail; `ref` is what its shield or label says."""

    kind: str
    name: Text
    line: Points
    labels: tuple[float, ...] = (0.5,)


class Town(Value, frozen=True):
    """A new town: rough outline in sketch units (rivers and districts cut it), grid turned by `angle` degrees."""

    id: str
    name: Text
    short: Text
    label: tuple[float, float]
    outline: Points
    angle: float
    blobs: tuple[tuple[float, float, float, float], ...]
    """Built-up land: x, y, half width, half height."""
    subdistricts: tuple[tuple[str, str, str, float, float], ...]
    """id, 中文, English, and where its centre lies."""


RIVERS = (
    River(
        id="wei", name=Text("渭河", "Wei River"), half_km=0.33, swing_km=0.1, wave_km=7.0,
        line=((-900, 760), (-500, 720), (-250, 680), (0, 612), (140, 570), (290, 541), (420, 535), (600, 492), (760,
        430),
              (1000, 370), (1110, 345), (1242, 310), (1500, 240), (1800, 120), (2100, 40)),
    ),
    River(
        id="feng", name=Text("沣河", "Feng River"), half_km=0.15, swing_km=0.08, wave_km=2.6,
        line=((600, 492), (575, 560), (538, 630), (540, 690), (505, 770), (512, 850), (480, 935), (452, 1040), (466,
        1150),
              (420, 1300), (430, 1480), (380, 1660)),
    ),
    River(
        id="jing", name=Text("泾河", "Jing River"), half_km=0.13, swing_km=0.16, wave_km=3.2,
        line=((-420, -470), (-250, -320), (-60, -150), (90, -60), (230, 45), (350, 95), (460, 145), (585, 130), (690,
        180),
              (815, 192), (900, 250), (1020, 280), (1108, 345)),
    ),
    River(
        id="zao", name=Text("皂河", "Zao River"), half_km=0.05, swing_km=0.05, wave_km=2.2,
        line=((1015, 368), (1008, 500), (1040, 600), (1060, 690), (1125, 810), (1100, 930), (1130, 1080), (1110, 1250),
              (1160, 1450), (1150, 1660)),
    ),
    River(
        id="xin", name=Text("新河", "Xin River"), half_km=0.05, swing_km=0.06, wave_km=2.4,
        line=((150, 567), (110, 700), (70, 860), (95, 1000), (60, 1160), (90, 1300), (40, 1480), (20, 1660)),
    ),
)  # fmt: skip

LAKES: tuple[tuple[Text, float, float, float, float], ...] = (
    (Text("昆明池", "Kunming Lake"), 722, 925, 84, 66),
    (Text("沣河湿地", "Feng Wetland"), 585, 990, 26, 40),
    (Text("渼陂湖", "Meibei Lake"), 300, 1235, 52, 26),
    (Text("秦汉湖", "Qinhan Lake"), 930, 372, 24, 12),
    (Text("泾河湾", "Jinghe Bay"), 700, 60, 36, 20),
)

TOWNS = (
    Town(
        id="fengdong", name=Text("沣东新城", "Fengdong New Town"), short=Text("沣东", "Fengdong"), label=(922, 842),
        angle=3.0,
        outline=((600, 492), (760, 430), (1015, 368), (1008, 500), (1040, 600), (1060, 690), (1125, 810), (1100, 930),
                 (1128, 1060), (1040, 1120), (900, 1095), (760, 1150), (640, 1120), (455, 1110), (452, 1040), (480,
                 935),
                 (512, 850), (505, 770), (540, 690), (538, 630), (575, 560)),
        blobs=((735, 650, 120, 95), (905, 650, 120, 110), (930, 500, 82, 70), (880, 800, 150, 80), (690, 800, 70, 60),
               (950, 950, 120, 80), (620, 1010, 70, 60)),
        subdistricts=(("jianzhang", "建章路街道", "Jianzhanglu", 930, 520), ("sanqiao", "三桥街道", "Sanqiao", 940,
        680),
                      ("wangsi", "王寺街道", "Wangsi", 700, 640), ("shanglin", "上林街道", "Shanglin", 780, 510),
                      ("doumen", "斗门街道", "Doumen", 700, 850), ("xiliu", "细柳街道", "Xiliu", 900, 930)),
    ),
    Town(
        id="fengxi", name=Text("沣西新城", "Fengxi New Town"), short=Text("沣西", "Fengxi"), label=(187, 695),
        angle=-3.0,
        outline=((120, 575), (290, 541), (420, 535), (600, 492), (575, 560), (538, 630), (540, 690), (505, 770), (512,
        850),
                 (480, 935), (452, 1040), (455, 1110), (330, 1150), (200, 1130), (80, 1090), (95, 1000), (70, 860),
                 (110, 700)),
        blobs=((300, 640, 130, 75), (420, 610, 90, 62), (205, 740, 100, 75), (330, 820, 130, 85), (440, 740, 70, 70),
               (360, 960, 80, 90), (200, 940, 80, 70)),
        subdistricts=(("diaotai", "钓台街道", "Diaotai", 400, 620), ("mawang", "马王街道", "Mawang", 400, 800),
                      ("dawang", "大王街道", "Dawang", 220, 930), ("tianyuan", "天元路街道", "Tianyuanlu", 200, 680)),
    ),
    Town(
        id="qinhan", name=Text("秦汉新城", "Qinhan New Town"), short=Text("秦汉", "Qinhan"), label=(577, 317),
        angle=12.0,
        outline=((285, 541), (190, 390), (380, 200), (358, 98), (460, 145), (585, 130), (690, 180), (815, 192), (900,
        250),
                 (1020, 280), (1108, 345), (1000, 370), (760, 430), (600, 492), (420, 535)),
        blobs=((480, 370, 120, 62), (620, 290, 130, 60), (800, 300, 110, 55), (370, 480, 105, 42), (640, 400, 90, 45),
               (920, 320, 70, 34)),
        subdistricts=(("weicheng", "渭城街道", "Weicheng", 390, 470), ("zhouling", "周陵街道", "Zhouling", 420, 290),
                      ("yaodian", "窑店街道", "Yaodian", 670, 350), ("zhengyang", "正阳街道", "Zhengyang", 900, 300)),
    ),
    Town(
        id="konggang", name=Text("空港新城", "Konggang New Town"), short=Text("空港", "Konggang"), label=(122, 178),
        angle=-8.0,
        outline=((190, 390), (0, 412), (-120, 380), (-150, 200), (-110, 0), (-40, -130), (90, -60), (230, 45), (358,
        98),
                 (380, 200)),
        blobs=((140, 230, 95, 52), (235, 270, 80, 52), (0, 330, 70, 45), (20, 170, 70, 36), (200, 120, 70, 36), (60, 40,
        70, 40)),
        subdistricts=(("dizhang", "底张街道", "Dizhang", 190, 270), ("beidu", "北杜街道", "Beidu", 150, 80),
                      ("taiping", "太平街道", "Taiping", -40, 130), ("shuangzhao", "双照街道", "Shuangzhao", 0, 320)),
    ),
    Town(
        id="jinghe", name=Text("泾河新城", "Jinghe New Town"), short=Text("泾河", "Jinghe"), label=(1045, 172),
        angle=-14.0,
        outline=((358, 98), (350, -20), (420, -130), (600, -190), (800, -210), (980, -170), (1110, -60), (1128, 60),
                 (1160, 230), (1108, 345), (1020, 280), (900, 250), (815, 192), (690, 180), (585, 130), (460, 145)),
        blobs=((640, 40, 120, 52), (860, 110, 110, 70), (1010, 150, 95, 95), (800, -40, 120, 62), (960, 20, 90, 60),
               (560, -70, 90, 55)),
        subdistricts=(("jinggan", "泾干街道", "Jinggan", 520, 10), ("yongle", "永乐街道", "Yongle", 990, 60),
                      ("chongwen", "崇文街道", "Chongwen", 980, 200), ("gaozhuang", "高庄街道", "Gaozhuang", 760, 10)),
    ),
)  # fmt: skip

ROADS = (
    Road(kind="motorway", name=Text("G30"), labels=(0.44,), line=(
        (-900, 640), (-500, 590), (-200, 545), (0, 508), (200, 470), (420, 430), (560, 410), (650, 370), (720, 340),
        (900, 300),
        (1100, 250), (1242, 220), (1500, 150), (2100, 20))),
    Road(kind="motorway", name=Text("G3002"), labels=(0.44, 0.83), line=(
        (-900, 120), (-450, 190), (-100, 225), (230, 260), (330, 280), (500, 268), (690, 248), (800, 262), (900, 315),
        (1000, 370),
        (1100, 430), (1242, 478), (1500, 560), (2100, 640))),
    Road(kind="motorway", name=Text("G70"), labels=(0.36, 0.6), line=(
        (380, -750), (440, -420), (490, -150), (525, 45), (570, 130), (650, 230), (705, 320), (722, 400), (720, 480),
        (690, 560),
        (650, 640), (632, 720), (628, 800), (640, 868), (652, 960), (700, 1080), (690, 1250), (740, 1650))),
    Road(kind="motorway", name=Text("G3001"), labels=(0.2, 0.66), line=(
        (-900, 1020), (-400, 960), (0, 905), (190, 888), (400, 886), (560, 872), (640, 840), (800, 838), (950, 812),
        (1080, 770),
        (1242, 758), (1420, 640), (1500, 420), (1480, 180), (1400, -40), (1250, -220))),
    Road(kind="motorway", name=Text("S105"), labels=(0.5,), line=(
        (1242, 758), (1420, 860), (1500, 1050), (1490, 1300), (1560, 1650))),
    Road(kind="rail", name=Text("陇海线", "Longhai Railway"), line=(
        (-900, 800), (-300, 745), (0, 715), (400, 690), (700, 675), (1000, 625), (1242, 600), (2100, 540))),
    Road(kind="rail", name=Text("西银高铁", "Xi'an–Yinchuan HSR"), line=(
        (-250, 1650), (-110, 1200), (0, 835), (90, 620), (200, 440), (320, 330), (500, 230), (700, 140), (850, 60),
        (1100, -120),
        (1500, -330))),
    Road(kind="main", name=Text("世纪大道", "Century Avenue"), labels=(0.85, 0.2), line=(
        (130, 640), (330, 630), (520, 650), (640, 668), (790, 690), (900, 692), (1048, 668))),
    Road(kind="main", name=Text("沣东大道", "Fengdong Avenue"), labels=(0.62,), line=(
        (512, 822), (600, 838), (700, 850), (790, 846), (900, 862), (1010, 880), (1110, 876))),
    Road(kind="main", name=Text("天元路", "Tianyuan Road"), labels=(0.24,), line=(
        (118, 622), (230, 618), (330, 600), (440, 596), (560, 590), (700, 600), (860, 580), (1012, 560))),
    Road(kind="main", name=Text("白马河路", "Baimahe Road"), labels=(0.55,), line=(
        (80, 930), (200, 920), (330, 905), (480, 915))),
    Road(kind="main", name=Text("同文路", "Tongwen Road"), labels=(0.8,), line=(
        (430, 540), (424, 600), (420, 650), (410, 740), (398, 860), (380, 980), (352, 1120))),
    Road(kind="main", name=Text("兰池大道", "Lanchi Avenue"), labels=(0.42,), line=(
        (280, 520), (350, 455), (430, 400), (520, 380), (640, 372), (760, 350), (900, 340), (1080, 332))),
    Road(kind="main", name=Text("秦汉大道", "Qinhan Avenue"), labels=(0.36,), line=(
        (812, 192), (822, 260), (834, 330), (838, 410), (830, 520), (822, 620), (818, 740), (828, 860), (850, 980),
        (850, 1080))),
    Road(kind="main", name=Text("正阳大道", "Zhengyang Avenue"), labels=(0.36,), line=(
        (760, -190), (830, -60), (880, 60), (920, 180), (950, 262), (968, 376))),
    Road(kind="main", name=Text("泾河大道", "Jinghe Avenue"), labels=(0.7,), line=(
        (360, 20), (520, 60), (660, 100), (800, 130), (930, 200), (1040, 230), (1150, 214))),
    Road(kind="main", name=Text("空港大道", "Konggang Avenue"), labels=(0.55,), line=(
        (275, 80), (262, 150), (250, 240), (232, 330), (205, 388), (200, 470))),
    Road(kind="main", name=Text("沣泾大道", "Fengjing Avenue"), labels=(0.3,), line=(
        (-130, 250), (60, 268), (210, 300), (330, 330), (470, 340), (580, 318), (720, 322), (820, 328))),
    Road(kind="main", name=Text("咸户路", "Xianhu Road"), labels=(0.7,), line=(
        (250, 540), (248, 640), (262, 760), (250, 880), (244, 1000), (220, 1140))),
)  # fmt: skip

RUNWAYS: tuple[Points, ...] = (((-60, 158), (142, 113)), ((-60, 192), (142, 146)))

CITIES = (
    (Text("西安主城", "Xi'an"), (1330, 640), 2.0, 0.55,
     ((1008, 372), (1242, 312), (1500, 245), (1760, 200), (1780, 1240), (1120, 1240), (1100, 930), (1125, 810), (1060,
     690),
      (1040, 600), (1008, 500))),
    (Text("咸阳", "Xianyang"), (60, 470), 12.0, 0.62,
     ((-230, 480), (0, 412), (190, 390), (285, 541), (140, 570), (0, 612), (-210, 660))),
    (Text("泾阳", "Jingyang"), (330, -200), -6.0, 0.5,
     ((210, -330), (400, -350), (470, -230), (420, -130), (345, -60), (200, -120))),
    (Text("高陵", "Gaoling"), (1420, 20), -10.0, 0.5, ((1230, -110), (1560, -170), (1620, 130), (1300, 190))),
    (Text("鄠邑", "Huyi"), (-60, 1380), 2.0, 0.5, ((-240, 1270), (20, 1250), (30, 1440), (-180, 1480))),
)  # fmt: skip
"""Neighbours outside the new area: name, label, grid angle, grid spacing in km, outline."""

DISTRICTS = (
    "610402",
    "610404",
    "610112",
    "610104",
    "610113",
    "610116",
    "610118",
    "610423",
    "610117",
    "610422",
    "610111",
)
"""Districts whose union the towns are cut from."""
NEIGHBOURS = ("610402", "610404", "610112", "610104", "610103", "610102", "610113", "610116", "610118", "610423",
"610117",
              "610481", "610111")  # fmt: skip
"""Districts whose real boundaries are drawn."""
