"""What the demo city measures: domains and kinds of sensors with units, limits and habits; data only."""

from __future__ import annotations

from console.api import Board, ChannelKind, Limit, Text, Value

L, P, R, N = Board.LIFELINE, Board.PUBLIC, Board.PRODUCTION, Board.NATURAL

DOMAINS: tuple[tuple[str, Board, str, str, int], ...] = (
    ("gas", L, "燃气", "Gas", 368), ("water", L, "供水", "Water", 231), ("drain", L, "排水", "Drainage", 160),
    ("power", L, "供电", "Power", 244), ("bridge", L, "桥隧", "Bridges", 142),
    ("fire", P, "消防", "Fire", 180), ("police", P, "治安", "Order", 250), ("medical", P, "医疗", "Medical", 194),
    ("traffic", P, "交通", "Traffic", 240),
    ("chem", R, "危化", "Chemicals", 185), ("build", R, "建筑", "Building", 184), ("special", R, "特种设备",
    "Equipment", 104),
    ("flood", N, "防汛", "Flood", 244), ("geo", N, "地质", "Geology", 61), ("weather", N, "气象", "Weather", 87),
)  # fmt: skip
"""Domain id, board, 中文, English, and its share of all sensors."""


LIMIT = Text("限", "limit")


def above(priority: int, value: float, hysteresis: float, name: Text = LIMIT) -> Limit:
    """A high limit."""
    return Limit(priority=priority, value=value, high=True, name=name, hysteresis=hysteresis)


def below(priority: int, value: float, hysteresis: float, name: Text = LIMIT) -> Limit:
    """A low limit."""
    return Limit(priority=priority, value=value, high=False, name=name, hysteresis=hysteresis)


class Kind(Value, frozen=True):
    """A kind of sensor.

    `share` of its domain; `code` the letters of its site numbers; "{}" in `site` stands for its subdistrict;
    `spot` where it stands: street, river, bridge, works, built, open; `normal` ± `spread` between sensors; `amp` the
    daily swing of shape `daily`; `noise` per sample and `wander` over minutes, all in the unit; `response` and `gain`:
    what rain adds at its peak; `floor` the least value there is.
    """

    id: str
    domain: str
    share: float
    code: str
    site: Text
    name: Text
    unit: str
    digits: int
    normal: float
    spread: float
    amp: float = 0.0
    daily: str = "flat"
    noise: float = 0.0
    wander: float = 0.0
    response: str = ""
    gain: float = 0.0
    floor: float | None = 0.0
    ceiling: float | None = None
    limits: tuple[Limit, ...] = ()
    alarm: Text = Text("")
    likely: Text = Text("")
    act: Text = Text("")
    spot: str = "street"
    period_s: int = 1
    channel: ChannelKind = ChannelKind.SCALAR
    states: tuple[Text, ...] = ()


T = Text
KINDS: tuple[Kind, ...] = (
    # ---- lifeline
    Kind(id="gas.pressure", domain="gas", share=0.46, code="G", site=T("燃气", "Gas"), name=T("中压", "Pressure"),
         unit="MPa",
         digits=2, normal=0.37, spread=0.012, amp=0.012, daily="meals", noise=0.0012, wander=0.003,
         limits=(below(1, 0.20, 0.01), below(2, 0.25, 0.01), below(3, 0.30, 0.01), above(2, 0.45, 0.01)),
         alarm=T("压力低", "pressure low"), likely=T("疑管段泄漏", "leak suspected"), act=T("关上游阀、派抢修",
         "close upstream valve")),
    Kind(id="gas.flow", domain="gas", share=0.24, code="GQ", site=T("燃气", "Gas"), name=T("流量", "Flow"), unit="m³/h",
         digits=0,
         normal=1250, spread=200, amp=330, daily="meals", noise=12, wander=40, limits=(above(3, 2700, 60),),
         alarm=T("流量高", "flow high"), likely=T("用气突增或泄漏", "surge or leak"), act=T("核对上下游压力",
         "check pressures")),
    Kind(id="gas.leak", domain="gas", share=0.20, code="GV", site=T("阀井", "Valve pit"), name=T("可燃气", "Gas"),
         unit="%LEL",
         digits=1, normal=0.5, spread=0.2, noise=0.05, wander=0.2, limits=(above(1, 20, 1), above(2, 10, 1), above(3, 5,
         0.5)),
         alarm=T("可燃气", "gas in pit"), likely=T("阀井渗漏", "leaking valve"), act=T("通风、复测",
         "ventilate, measure again")),
    Kind(id="gas.well", domain="gas", share=0.10, code="GW", site=T("阀井", "Valve pit"), name=T("水位", "Water level"),
         unit="cm",
         digits=0, normal=3, spread=1, noise=0.1, wander=0.5, response="drain", gain=9, limits=(above(3, 25, 2),
         above(2, 40, 2)),
         alarm=T("水位高", "water in pit"), likely=T("雨水倒灌", "rain water"), act=T("抽排", "pump out")),
    Kind(id="water.pressure", domain="water", share=0.55, code="W", site=T("供水", "Water"), name=T("压力", "Pressure"),
         unit="MPa",
         digits=2, normal=0.34, spread=0.015, amp=0.02, daily="water", noise=0.0015, wander=0.004,
         limits=(below(3, 0.22, 0.01), below(2, 0.18, 0.01), below(1, 0.12, 0.01), above(3, 0.46, 0.01)),
         alarm=T("压力低", "pressure low"), likely=T("疑爆管", "burst suspected"), act=T("查漏、关分段阀",
         "isolate the section")),
    Kind(id="water.flow", domain="water", share=0.30, code="WQ", site=T("供水", "Water"), name=T("流量", "Flow"),
         unit="m³/h",
         digits=0, normal=430, spread=60, amp=120, daily="water", noise=4, wander=14, limits=(above(3, 900, 20),),
         alarm=T("流量高", "flow high"), likely=T("疑爆管", "burst suspected"), act=T("核对夜间最小流量",
         "check night flow")),
    Kind(id="water.turbidity", domain="water", share=0.15, code="WT", site=T("水质", "Water quality"), name=T("浊度",
         "Turbidity"),
         unit="NTU", digits=2, normal=0.22, spread=0.05, noise=0.006, wander=0.02, response="river", gain=0.12,
         limits=(above(3, 0.8, 0.05), above(2, 1.0, 0.05)), alarm=T("浊度高", "turbid"), likely=T("原水浑浊",
         "raw water"),
         act=T("加药、取样", "dose, sample")),
    Kind(id="drain.manhole", domain="drain", share=0.56, code="D", site=T("窨井", "Manhole"), name=T("液位", "Level"),
         unit="cm",
         digits=0, normal=28, spread=6, amp=5, daily="water", noise=0.4, wander=1.5, response="drain", gain=72,
         limits=(above(3, 150, 5), above(2, 180, 5), above(1, 210, 5)), alarm=T("液位高", "level high"),
         likely=T("排水不畅", "blocked drain"), act=T("清掏、设围挡", "clear, fence off")),
    Kind(id="drain.underpass", domain="drain", share=0.20, code="U", site=T("{}下穿", "{} underpass"), name=T("积水",
         "Water depth"),
         unit="cm", digits=0, normal=0.6, spread=0.3, noise=0.08, wander=0.2, response="underpass", gain=8,
         limits=(above(3, 15, 1), above(2, 27, 1), above(1, 60, 1)), alarm=T("积水", "flooded"),
         likely=T("泵能力不足", "pumps overloaded"), act=T("封闭道路、启备用泵", "close road, start pump")),
    Kind(id="drain.pump", domain="drain", share=0.14, code="DP", site=T("{}泵站", "{} pumps"), name=T("电流",
         "Current"), unit="A",
         digits=0, normal=22, spread=4, noise=0.4, wander=1, response="drain", gain=46, limits=(below(3, 5, 1), above(3,
         110, 3)),
         alarm=T("泵停", "pump stopped"), likely=T("跳闸", "tripped"), act=T("启备用泵", "start spare pump")),
    Kind(id="drain.pump_state", domain="drain", share=0.10, code="DS", site=T("{}泵站", "{} pumps"), name=T("运行",
         "State"),
         unit="", digits=0, normal=1, spread=0, floor=0, ceiling=1, period_s=10, channel=ChannelKind.STATE,
         states=(T("停", "stopped"), T("运行", "running"))),
    Kind(id="power.oil", domain="power", share=0.32, code="T", site=T("{}变", "{} substation"), name=T("油温",
         "Oil temperature"),
         unit="℃", digits=0, normal=61, spread=4, amp=6, daily="power", noise=0.15, wander=0.8,
         limits=(above(3, 85, 2), above(2, 95, 1), above(1, 105, 1)), alarm=T("油温高", "oil hot"),
         likely=T("风机停或过载", "fan off or overload"), act=T("转负荷、查风机", "shift load, check fans"),
         spot="built"),
    Kind(id="power.load", domain="power", share=0.44, code="F", site=T("馈线", "Feeder"), name=T("负荷", "Load"),
         unit="%", digits=0,
         normal=54, spread=7, amp=13, daily="power", noise=0.4, wander=2, limits=(above(3, 92, 2), above(2, 100, 2)),
         alarm=T("过载", "overload"), likely=T("负荷转入", "shifted load"), act=T("转供", "transfer load")),
    Kind(id="power.voltage", domain="power", share=0.24, code="V", site=T("配变", "Substation"), name=T("电压",
         "Voltage"), unit="kV",
         digits=2, normal=10.35, spread=0.05, amp=-0.07, daily="power", noise=0.003, wander=0.02,
         limits=(below(2, 9.7, 0.05), above(3, 10.9, 0.05)), alarm=T("电压低", "voltage low"), likely=T("线路故障",
         "line fault"),
         act=T("核对保护动作", "check protection")),
    Kind(id="bridge.strain", domain="bridge", share=0.5, code="B", site=T("桥梁", "Bridge"), name=T("应变", "Strain"),
         unit="µε",
         digits=0, normal=92, spread=18, amp=16, daily="traffic", noise=0.8, wander=4, limits=(above(3, 260, 10),
         above(2,
         320, 10)),
         alarm=T("应变大", "strain high"), likely=T("超载车辆", "overloaded lorry"), act=T("限重、复核",
         "limit weight"), spot="bridge"),
    Kind(id="bridge.load", domain="bridge", share=0.3, code="BL", site=T("桥梁", "Bridge"), name=T("车重", "Axle load"),
         unit="t",
         digits=1, normal=16, spread=3, amp=4, daily="traffic", noise=0.2, wander=1, limits=(above(3, 49, 2), above(2,
         55, 2)),
         alarm=T("超载", "overload"), likely=T("超限车", "overloaded lorry"), act=T("拦检", "stop and check"),
         spot="bridge"),
    Kind(id="bridge.tilt", domain="bridge", share=0.2, code="BT", site=T("桥墩", "Pier"), name=T("位移", "Shift"),
         unit="mm", digits=1,
         normal=1.8, spread=0.5, amp=0.4, daily="heat", noise=0.03, wander=0.1, response="river", gain=0.7,
         limits=(above(3, 8, 0.3), above(2, 12, 0.3)), alarm=T("位移大", "pier shifted"), likely=T("冲刷", "scour"),
         act=T("封闭、检测", "close, inspect"), spot="bridge", period_s=10),
    # ---- public
    Kind(id="fire.hydrant", domain="fire", share=0.6, code="X", site=T("消火栓", "Hydrant"), name=T("水压", "Pressure"),
         unit="MPa",
         digits=2, normal=0.29, spread=0.02, amp=0.012, daily="water", noise=0.002, wander=0.004, limits=(below(3, 0.14,
         0.01),),
         alarm=T("水压低", "pressure low"), likely=T("阀门未开", "valve shut"), act=T("派人核查", "send a check")),
    Kind(id="fire.smoke", domain="fire", share=0.4, code="XS", site=T("烟感", "Smoke"), name=T("烟浓度", "Smoke"),
         unit="%/m", digits=2,
         normal=0.22, spread=0.05, noise=0.01, wander=0.05, limits=(above(2, 3.0, 0.2), above(1, 5.0, 0.2)),
         alarm=T("烟雾", "smoke"), likely=T("疑起火", "fire suspected"), act=T("调画面、派消防",
         "look, send fire unit"), spot="built"),
    Kind(id="crowd.count", domain="police", share=0.7, code="P", site=T("{}广场", "{} square"), name=T("人数",
         "People"),
         unit="人", digits=0,
         normal=380, spread=90, amp=170, daily="crowd", noise=2, wander=24, response="rain", gain=-90,
         limits=(above(3, 1500, 50), above(2, 2000, 50), above(1, 2600, 50)), alarm=T("人多", "crowded"),
         likely=T("活动聚集", "gathering"), act=T("限流、增派", "limit entry"), spot="built"),
    Kind(id="crowd.density", domain="police", share=0.3, code="PD", site=T("{}站", "{} station"), name=T("密度",
         "Density"),
         unit="人/m²", digits=1, normal=0.7, spread=0.15, amp=0.5, daily="traffic", noise=0.03, wander=0.08,
         limits=(above(3, 2.5, 0.1), above(2, 3.5, 0.1)), alarm=T("拥挤", "packed"), likely=T("客流高峰", "peak"),
         act=T("分流", "divert")),
    Kind(id="medical.beds", domain="medical", share=0.5, code="M", site=T("{}医院", "{} hospital"), name=T("床位占用",
         "Beds used"), unit="%",
         digits=0, normal=72, spread=5, amp=4, daily="crowd", noise=0.2, wander=1, limits=(above(3, 96, 1),),
         ceiling=100.0,
         alarm=T("床位紧", "beds short"), likely=T("批量伤员", "many injured"), act=T("启用备用床", "open spare beds"),
         spot="built"),
    Kind(id="medical.queue", domain="medical", share=0.25, code="MQ", site=T("{}急诊", "{} emergency"), name=T("候诊",
         "Waiting"), unit="人",
         digits=0, normal=14, spread=3, amp=8, daily="crowd", noise=0.15, wander=1.5, limits=(above(3, 60, 5),),
         alarm=T("候诊多", "queue long"), likely=T("批量伤员", "many injured"), act=T("增派医生", "more doctors"),
         spot="built"),
    Kind(id="medical.oxygen", domain="medical", share=0.25, code="MO", site=T("供氧", "Oxygen"), name=T("压力",
         "Pressure"), unit="MPa",
         digits=2, normal=0.45, spread=0.01, noise=0.002, wander=0.005, limits=(below(2, 0.35, 0.01), below(1, 0.3,
         0.01)),
         alarm=T("供氧低", "oxygen low"), likely=T("汇流排切换", "manifold"), act=T("切备用", "switch over"),
         spot="built"),
    Kind(id="traffic.flow", domain="traffic", share=0.5, code="R", site=T("路段", "Road"), name=T("流量", "Flow"),
         unit="辆/h", digits=0,
         normal=1100, spread=220, amp=640, daily="traffic", noise=7, wander=60, response="rain", gain=-120),
    Kind(id="traffic.speed", domain="traffic", share=0.3, code="RS", site=T("路段", "Road"), name=T("车速", "Speed"),
         unit="km/h",
         digits=0, normal=44, spread=5, amp=-11, daily="traffic", noise=0.8, wander=2, response="rain", gain=-9,
         limits=(below(4, 6, 2),), alarm=T("拥堵", "jam"), likely=T("积水或事故", "water or accident"),
         act=T("诱导绕行", "divert")),
    Kind(id="traffic.occupancy", domain="traffic", share=0.2, code="RO", site=T("路口", "Junction"), name=T("占有率",
         "Occupancy"),
         unit="%", digits=0, normal=26, spread=4, amp=11, daily="traffic", noise=0.8, wander=2, response="rain", gain=8,
         limits=(above(4, 90, 3),), alarm=T("拥堵", "jam"), likely=T("信号或事故", "signal or accident"),
         act=T("调信号", "retime signal")),
    # ---- production
    Kind(id="chem.gas", domain="chem", share=0.5, code="C", site=T("化工园", "Chemical park"), name=T("可燃气", "Gas"),
         unit="%LEL",
         digits=0, normal=1.2, spread=0.4, noise=0.08, wander=0.4, limits=(above(3, 10, 1), above(2, 15, 1), above(1,
         25, 1)),
         alarm=T("可燃气", "gas"), likely=T("法兰渗漏", "leaking flange"), act=T("撤人、切断进料",
         "clear area, cut feed"), spot="works"),
    Kind(id="chem.tank", domain="chem", share=0.25, code="CT", site=T("储罐", "Tank"), name=T("液位", "Level"),
         unit="%", digits=0,
         normal=61, spread=6, noise=0.03, wander=1.0, limits=(above(3, 88, 1), above(2, 93, 1)), alarm=T("液位高",
         "level high"),
         likely=T("误进料", "overfilling"), act=T("停进料", "stop feed"), spot="works"),
    Kind(id="chem.heat", domain="chem", share=0.25, code="CH", site=T("储罐", "Tank"), name=T("温度", "Temperature"),
         unit="℃",
         digits=1, normal=25, spread=1.5, amp=3, daily="heat", noise=0.05, wander=0.4, limits=(above(3, 45, 1), above(2,
         55, 1)),
         alarm=T("温度高", "hot"), likely=T("放热反应", "reaction"), act=T("启喷淋", "start spray"), spot="works"),
    Kind(id="build.crane", domain="build", share=0.45, code="K", site=T("塔吊", "Crane"), name=T("力矩", "Moment"),
         unit="%", digits=0,
         normal=38, spread=6, amp=14, daily="work", noise=0.4, wander=3, limits=(above(3, 92, 3), above(2, 100, 3)),
         alarm=T("超力矩", "overload"), likely=T("超载起吊", "overweight lift"), act=T("停吊", "stop lifting"),
         spot="built"),
    Kind(id="build.pit", domain="build", share=0.33, code="KP", site=T("基坑", "Pit"), name=T("位移", "Shift"),
         unit="mm", digits=1,
         normal=6, spread=1.4, noise=0.012, wander=0.2, response="soil", gain=2.6, limits=(above(3, 20, 0.5), above(2,
         30, 0.5)),
         alarm=T("位移大", "shifted"), likely=T("土体软化", "soft ground"), act=T("撤人、回填", "clear, backfill"),
         spot="built"),
    Kind(id="build.dust", domain="build", share=0.22, code="KD", site=T("{}工地", "{} site"), name=T("扬尘", "Dust"),
         unit="µg/m³", digits=0,
         normal=58, spread=8, amp=14, daily="work", noise=0.6, wander=6, response="drain", gain=-28, limits=(above(4,
         150, 10),),
         alarm=T("扬尘", "dust"), likely=T("土方作业", "earth works"), act=T("喷雾", "spray"), spot="built"),
    Kind(id="boiler.pressure", domain="special", share=0.4, code="S", site=T("{}锅炉", "{} boiler"), name=T("压力",
         "Pressure"), unit="MPa",
         digits=2, normal=0.9, spread=0.03, amp=0.03, daily="work", noise=0.0008, wander=0.008,
         limits=(above(3, 1.15, 0.02), above(2, 1.25, 0.02), above(1, 1.35, 0.02)), alarm=T("超压", "overpressure"),
         likely=T("调节阀卡", "stuck valve"), act=T("泄压、停炉", "relieve, shut down"), spot="works"),
    Kind(id="boiler.heat", domain="special", share=0.25, code="SH", site=T("{}锅炉", "{} boiler"), name=T("温度",
         "Temperature"), unit="℃",
         digits=0, normal=172, spread=3, amp=3, daily="work", noise=0.2, wander=1.2, limits=(above(3, 192, 2), above(2,
         200, 2)),
         alarm=T("超温", "too hot"), likely=T("缺水", "low water"), act=T("停炉", "shut down"), spot="works"),
    Kind(id="lift.shake", domain="special", share=0.35, code="E", site=T("电梯", "Lift"), name=T("振动", "Vibration"),
         unit="mg", digits=0,
         normal=11, spread=2, amp=2, daily="crowd", noise=0.15, wander=0.6, limits=(above(3, 40, 2), above(2, 60, 2)),
         alarm=T("振动大", "shaking"), likely=T("导轨磨损", "worn rail"), act=T("停梯检修", "stop, inspect"),
         spot="built"),
    # ---- natural
    Kind(id="rain.hour", domain="flood", share=0.34, code="Y", site=T("雨量 {}", "Rain {}"), name=T("1 h", "1 h"),
         unit="mm",
         digits=1,
         normal=0.0, spread=0.0, response="rain_1h", gain=21, limits=(above(3, 30, 1), above(2, 50, 1), above(1, 80,
         1)),
         alarm=T("1 h 雨量", "1 h rain"), likely=T("短时强降雨", "short heavy rain"), act=T("巡查低洼",
         "patrol low ground"), spot="open"),
    Kind(id="river.level", domain="flood", share=0.26, code="H", site=T("水位站", "Gauge"), name=T("水位", "Level"),
         unit="m", digits=2,
         normal=386.6, spread=0.9, noise=0.004, wander=0.015, response="river", gain=0.75, floor=None,
         alarm=T("超警戒水位", "over warning level"),
         likely=T("上游来水", "water from upstream"), act=T("上堤巡查", "patrol the dyke"), spot="river"),
    Kind(id="canal.level", domain="flood", share=0.25, code="J", site=T("排洪渠", "Canal"), name=T("水深", "Depth"),
         unit="m", digits=2,
         normal=0.8, spread=0.15, noise=0.005, wander=0.02, response="underpass", gain=0.9,
         limits=(above(3, 2.6, 0.05), above(2, 3.0, 0.05)), alarm=T("水深大", "deep"), likely=T("支沟来水",
         "side inflow"),
         act=T("开闸", "open the gate"), spot="open"),
    Kind(id="river.flow", domain="flood", share=0.15, code="Q", site=T("断面", "Section"), name=T("流量", "Flow"),
         unit="m³/s", digits=0,
         normal=46, spread=12, noise=0.15, wander=1.5, response="river", gain=150, limits=(above(3, 480, 10), above(2,
         650,
         10)),
         alarm=T("流量大", "flow high"), likely=T("上游来水", "water from upstream"), act=T("上堤巡查",
         "patrol the dyke"), spot="river"),
    Kind(id="slope.shift", domain="geo", share=0.6, code="L", site=T("{}边坡", "{} slope"), name=T("位移", "Shift"),
         unit="mm", digits=1,
         normal=2.2, spread=0.6, noise=0.03, wander=0.1, response="soil", gain=1.6, limits=(above(3, 12, 0.5), above(2,
         20, 0.5)),
         alarm=T("位移大", "moving"), likely=T("雨后滑移", "slip after rain"), act=T("撤人、封路", "clear, close road"),
         spot="open", period_s=10),
    Kind(id="slope.moisture", domain="geo", share=0.4, code="LM", site=T("{}边坡", "{} slope"), name=T("含水率",
         "Moisture"),
         unit="%",
         digits=0, normal=19, spread=2, noise=0.1, wander=0.4, response="soil", gain=11, limits=(above(4, 45, 1),),
         alarm=T("含水高", "wet"), likely=T("持续降雨", "long rain"), act=T("加密监测", "measure more often"),
         spot="open", period_s=10),
    Kind(id="wind.speed", domain="weather", share=0.4, code="Z", site=T("{}气象站", "{} weather"), name=T("风速",
         "Wind"),
         unit="m/s", digits=1,
         normal=2.4, spread=0.4, amp=0.8, daily="heat", noise=0.15, wander=0.6, response="wind", gain=5.2,
         limits=(above(3, 17.2, 1), above(2, 20.8, 1)), alarm=T("大风", "strong wind"), likely=T("雷暴大风",
         "thunderstorm gust"),
         act=T("停塔吊、巡查", "stop cranes"), spot="open"),
    Kind(id="air.heat", domain="weather", share=0.3, code="ZT", site=T("{}气象站", "{} weather"), name=T("气温",
         "Temperature"), unit="℃",
         digits=1, normal=26, spread=0.6, amp=4, daily="heat", noise=0.03, wander=0.2, response="soil", gain=-4,
         floor=None,
         limits=(above(4, 40, 0.5),), alarm=T("高温", "heat"), likely=T("晴热", "hot spell"), act=T("停户外作业",
         "stop outdoor work"),
         spot="open", period_s=10),
    Kind(id="air.sight", domain="weather", share=0.3, code="ZV", site=T("{}气象站", "{} weather"), name=T("能见度",
         "Visibility"), unit="km",
         digits=1, normal=12, spread=1, noise=0.1, wander=0.5, response="wind", gain=-6.5, floor=0.2, limits=(below(4,
         0.5, 0.1),),
         alarm=T("能见度低", "poor visibility"), likely=T("强降雨", "heavy rain"), act=T("限速", "limit speed"),
         spot="open", period_s=10),
)  # fmt: skip
