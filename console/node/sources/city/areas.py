"""The four-level area tree of the demo city: new area, new towns, subdistricts, front ends; knows no sensors."""

from __future__ import annotations

import msgspec
import numpy as np
import shapely
from shapely.geometry import MultiPoint, Point, Polygon

from console.api import F64, Area, Level, Text
from console.node.sources.city import plan
from console.node.sources.city.ground import Ground, polygons
from console.node.sources.city.plane import generator, to_lonlat

ROOT = "xixian"
FRONT_ENDS = 5
"""Front ends of a subdistrict."""

_STEMS = """
    丰裕:Fengyu 永兴:Yongxing 安谷:Angu 和平:Heping 红光:Hongguang 石桥:Shiqiao 新庄:Xinzhuang
    柳林:Liulin 南营:Nanying 北营:Beiying 东凹里:Dongaoli 白马:Baima 上林苑:Shanglinyuan 康定:Kangding
    文教:Wenjiao 沣景:Fengjing 秦苑:Qinyuan 泾干:Jinggan 花园:Huayuan 中和:Zhonghe 翠柳:Cuiliu
    龙台:Longtai 高寨:Gaozhai 百子:Baizi 河南街:Henanjie 五一:Wuyi 双楼:Shuanglou 渭阳:Weiyang
    韩家湾:Hanjiawan
"""
"""Names of front ends, 中文:English."""
_SORTS = (("社区", "Community"), ("社区", "Community"), ("村", "Village"), ("村", "Village"), ("产业园", "Works"))


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """Areas and their polygons in the plane, by area id; `front_ends` is in a fixed order."""

    areas: dict[str, Area]
    shapes: dict[str, shapely.Geometry]
    front_ends: tuple[str, ...]


def _voronoi(region: shapely.Geometry, seeds: F64) -> list[shapely.Geometry]:
    """The part of the region nearest to each seed, in the order of the seeds."""
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(seeds), extend_to=region))
    out = []
    for seed in seeds:
        cell = next(c for c in cells if c.covers(Point(seed)))
        pieces = polygons(cell.intersection(region))
        out.append(max(pieces, key=lambda p: p.area))
    return out


def _spread(region: shapely.Geometry, count: int, rng: np.random.Generator) -> F64:
    """Seeds inside the region, kept apart from each other."""
    west, south, east, north = region.bounds
    seeds: list[F64] = []
    while len(seeds) < count:
        trial = rng.uniform((west, south), (east, north), (240, 2))
        trial = trial[shapely.contains_xy(region.buffer(-0.2), trial[:, 0], trial[:, 1])]
        if not len(trial):
            trial = np.array([region.representative_point().coords[0]])
        if not seeds:
            seeds.append(trial[0])
            continue
        gaps = np.min([np.hypot(*(trial - s).T) for s in seeds], axis=0)
        seeds.append(trial[int(np.argmax(gaps * rng.uniform(0.6, 1.0, len(trial))))])
    return np.array(seeds)


def _area(
    area_id: str,
    parent: str,
    level: Level,
    name: Text,
    shape: shapely.Geometry,
    label: tuple[float, float] | None = None,
) -> Area:
    """An area entity of a polygon in the plane."""
    rings = [np.round(to_lonlat(shapely.get_coordinates(p.exterior)), 6)[:-1] for p in polygons(shape)]
    at = label or shape.representative_point().coords[0]
    lon, lat = (float(v) for v in np.round(to_lonlat(np.array([at])), 6)[0])
    boundary = tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings)
    return Area(
        id=area_id,
        parent=parent,
        level=level,
        name=name,
        lon=lon,
        lat=lat,
        area_km2=round(float(shape.area), 1),
        boundary=boundary,
        simulated=True,
    )


def build(seed: int, ground: Ground) -> Cells:
    """The area tree of the ground's towns."""
    whole = (
        shapely.union_all([t.buffer(0.25, join_style="mitre") for t in ground.towns.values()])
        .buffer(-0.25)
        .simplify(0.04)
    )
    whole = Polygon(max(polygons(whole), key=lambda p: p.area).exterior)
    shapes: dict[str, shapely.Geometry] = {ROOT: whole}
    root = _area(ROOT, "", Level.NEW_AREA, Text("西咸新区", "Xixian New Area"), whole)
    total = round(sum(float(t.area) for t in ground.towns.values()), 1)
    areas = {ROOT: msgspec.structs.replace(root, area_km2=total)}
    leaves: list[str] = []
    for town in plan.TOWNS:
        shape = ground.towns[town.id]
        shapes[town.id] = shape
        areas[town.id] = _area(town.id, ROOT, Level.NEW_TOWN, town.name, shape, plan.km(*town.label))
        seeds = plan.corners([(x, y) for *_, x, y in town.subdistricts])
        for (key, zh, en, _, _), cell in zip(town.subdistricts, _voronoi(shape, seeds), strict=True):
            sub = f"{town.id}.{key}"
            shapes[sub] = cell
            areas[sub] = _area(sub, town.id, Level.SUBDISTRICT, Text(zh, f"{en} Subdistrict"), cell)
            leaves += _front_ends(seed, sub, cell, areas, shapes)
    return Cells(areas=areas, shapes=shapes, front_ends=tuple(leaves))


def _front_ends(
    seed: int, sub: str, cell: shapely.Geometry, areas: dict[str, Area], shapes: dict[str, shapely.Geometry]
) -> list[str]:
    """Communities, villages and works of one subdistrict, added to the tree; returns their ids."""
    rng = generator(seed, "front ends", sub)
    stems = rng.permutation(_STEMS.split())
    ids = []
    for k, part in enumerate(_voronoi(cell, _spread(cell, FRONT_ENDS, rng))):
        (zh, en), (sort, sort_en) = stems[k].split(":"), _SORTS[k % len(_SORTS)]
        leaf = f"{sub}.{k + 1}"
        shapes[leaf] = part
        areas[leaf] = _area(leaf, sub, Level.FRONT_END, Text(zh + sort, f"{en} {sort_en}"), part)
        ids.append(leaf)
    return ids
