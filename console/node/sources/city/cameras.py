"""The demo city's cameras: where they stand and which scene of the camera server each one plays; opens no stream."""

from __future__ import annotations

from collections.abc import Iterator

from console.api import Board, Camera, Sink, Text, Value
from console.node.sources.city.ground import Ground
from console.node.sources.city.placing import Pools
from console.node.sources.city.plane import to_lonlat
from console.node.sources.city.sensors import place


class Scene(Value, frozen=True):
    """A camera: scene id of the camera server, name, town, sketch position, the road or river it stands at, azimuth."""

    id: str
    name: Text
    town: str
    at: tuple[float, float]
    board: Board
    on: str = ""
    azimuth_deg: float = 0.0
    infrared: bool = False


_L, _P, _R, _N = Board.LIFELINE, Board.PUBLIC, Board.PRODUCTION, Board.NATURAL
SCENES: tuple[Scene, ...] = (
    Scene(
        id="valve_room",
        name=Text("G-117 阀室", "G-117 valve room"),
        town="fengdong",
        at=(722, 608),
        on="天元路",
        board=_L,
        azimuth_deg=40,
        infrared=True,
    ),
    Scene(
        id="river_gauge",
        name=Text("严家渠 水尺", "Yanjiaqu staff gauge"),
        town="fengxi",
        at=(507, 772),
        on="沣河",
        board=_N,
        azimuth_deg=165,
    ),
    Scene(
        id="underpass",
        name=Text("同文路下穿 北", "Tongwen underpass N"),
        town="fengxi",
        at=(421, 648),
        on="同文路",
        board=_L,
        azimuth_deg=180,
    ),
    Scene(
        id="substation",
        name=Text("渭城变 东", "Weicheng substation E"),
        town="qinhan",
        at=(657, 296),
        board=_L,
        azimuth_deg=270,
    ),
    Scene(
        id="avenue",
        name=Text("沣东 世纪大道", "Fengdong Century Ave."),
        town="fengdong",
        at=(790, 690),
        on="世纪大道",
        board=_P,
        azimuth_deg=75,
    ),
    Scene(
        id="arrivals",
        name=Text("空港 T5 到达", "Airport T5 arrivals"),
        town="konggang",
        at=(30, 175),
        board=_P,
        azimuth_deg=120,
    ),
    Scene(
        id="tank_farm",
        name=Text("泾河 化工园 罐区", "Jinghe tank farm"),
        town="jinghe",
        at=(892, 86),
        board=_R,
        azimuth_deg=310,
        infrared=True,
    ),
    Scene(
        id="bridge",
        name=Text("渭河大桥 南", "Wei bridge S"),
        town="fengdong",
        at=(836, 440),
        on="秦汉大道",
        board=_L,
        azimuth_deg=350,
    ),
    Scene(
        id="metro_gate",
        name=Text("上林路站 A 口", "Shanglin Rd. gate A"),
        town="fengdong",
        at=(780, 560),
        board=_P,
        azimuth_deg=200,
    ),
    Scene(
        id="manhole",
        name=Text("咸户路 窨井", "Xianhu Rd. manhole"),
        town="fengxi",
        at=(262, 760),
        on="咸户路",
        board=_L,
        azimuth_deg=15,
    ),
    Scene(
        id="slope", name=Text("正阳 边坡", "Zhengyang slope"), town="qinhan", at=(880, 282), board=_N, azimuth_deg=80
    ),
    Scene(
        id="square",
        name=Text("沣东 中央广场", "Fengdong square"),
        town="fengdong",
        at=(905, 650),
        board=_P,
        azimuth_deg=240,
    ),
)


def entities(ground: Ground, pools: Pools) -> Iterator[Camera]:
    """The cameras, id "cam:<scene>"."""
    for scene in SCENES:
        at, area = place(ground, pools, scene.town, scene.at, scene.on)
        lon, lat = (round(float(v), 6) for v in to_lonlat(at)[0])
        yield Camera(
            id=f"cam:{scene.id}",
            name=scene.name,
            area=area,
            board=scene.board,
            lon=lon,
            lat=lat,
            azimuth_deg=scene.azimuth_deg,
            streams=("main", "sub"),
            source="city",
            infrared=scene.infrared,
            simulated=True,
        )


def publish(sink: Sink, camera_base: str, ground: Ground, pools: Pools) -> None:
    """Put the cameras; with a `camera_base` (rtsp://host:port) also where their streams are read."""
    for camera in entities(ground, pools):
        sink.put(camera)
        if camera_base:
            scene = camera.id.removeprefix("cam:")
            sink.camera_url(camera.id, "main", f"{camera_base.rstrip('/')}/{scene}")
            sink.camera_url(camera.id, "sub", f"{camera_base.rstrip('/')}/{scene}-sub")
