"""The generated ground of the demo city in the plane: rivers, towns, streets, built-up land; sends nothing.

Everything follows from the seed; distances are kilometres, coordinates those of `plane`.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon

from console.api import F64, Text
from console.node.sources.city import plan
from console.node.sources.city.plane import Points, generator, meander, to_plane
from console.node.sources.city.registry import district

GRID_KM = 1.25
"""Mean distance of main streets in a town."""
BLOCK_KM = 0.3
"""Mean distance of ordinary streets in built-up land."""


class Street(msgspec.Struct, frozen=True, kw_only=True):
    """A line on the ground: `kind` motorway, main, street or rail; `line` f64 (n, 2) in km; `town` "" outside."""

    kind: str
    line: F64
    name: Text = Text("")
    town: str = ""
    rank: int = 3


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """All geometry of the city, in the plane."""

    rivers: dict[str, F64]
    water: dict[str, tuple[Text, shapely.Geometry]]
    towns: dict[str, shapely.Geometry]
    built: list[shapely.Geometry]
    cities: list[shapely.Geometry]
    streets: list[Street]
    districts: list[shapely.Geometry]


def _noise(points: F64, phases: F64, swing_km: float = 0.2) -> F64:
    """Points bent by a few long waves, so that grids are not ruled."""
    x, y = points[:, 0], points[:, 1]
    dx = np.sin(x / 2.9 + phases[0]) * np.cos(y / 3.7 + phases[1]) + 0.5 * np.sin((x + y) / 1.9 + phases[2])
    dy = np.cos(x / 3.3 + phases[3]) * np.sin(y / 2.7 + phases[4]) + 0.5 * np.cos((x - y) / 2.1 + phases[5])
    bent: F64 = points + np.column_stack([dx, dy]) * swing_km
    return bent


def _parts(geometry: shapely.Geometry) -> list[F64]:
    """Every line string in a clipped geometry as coordinates."""
    return [shapely.get_coordinates(g) for g in shapely.get_parts(geometry) if g.geom_type == "LineString"]


def rivers_of(seed: int) -> dict[str, F64]:
    """Centre lines of the rivers."""
    lines = {}
    for river in plan.RIVERS:
        line = meander(plan.curve(river.line), generator(seed, "river", river.id), river.swing_km, river.wave_km)
        lines[river.id] = line
    for name, end in (("feng", 0), ("zao", 0), ("xin", 0), ("jing", -1)):
        lines[name][end] = lines["wei"][np.argmin(np.hypot(*(lines["wei"] - lines[name][end]).T))]
    return lines


def _natural(outline: Points, seed: int) -> Polygon:
    """A sketched outline with its straight edges bent; equal edges of neighbours stay equal."""
    edge = shapely.get_coordinates(shapely.segmentize(Polygon(plan.corners(outline)).exterior, 0.3))
    return Polygon(_noise(edge, generator(seed, "outline").uniform(0, 2 * np.pi, 6), 0.22)).buffer(0)


def water_of(seed: int, rivers: dict[str, F64]) -> dict[str, tuple[Text, shapely.Geometry]]:
    """Rivers and lakes as polygons."""
    water: dict[str, tuple[Text, shapely.Geometry]] = {}
    for river in plan.RIVERS:
        line = LineString(rivers[river.id])
        water[river.id] = (river.name, line.buffer(river.half_km, quad_segs=4).simplify(0.006))
    for k, lake in enumerate(plan.LAKES):
        water[f"lake{k}"] = (lake.name, _blob(generator(seed, "lake", str(k)), *lake.at, *lake.half, 0.1))
    return water


def _blob(rng: np.random.Generator, x: float, y: float, a: float, b: float, wobble: float = 0.13) -> Polygon:
    """A rounded patch about a sketch position, half axes a and b in sketch units."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radius = np.ones(48)
    for k in (2, 3, 5):
        radius += wobble / math.sqrt(k) * np.sin(k * angle + rng.uniform(0, 2 * np.pi))
    return Polygon(plan.corners(list(zip(x + a * radius * np.cos(angle), y + b * radius * np.sin(angle), strict=True))))


def towns_of(seed: int, rivers: dict[str, F64]) -> dict[str, shapely.Geometry]:
    """The five towns: outlines of the plan cut by the true rivers and by the union of the registry's districts."""
    land = shapely.union_all([shapely.transform(district(code), to_plane) for code in plan.DISTRICTS])
    land = land.buffer(0.05).buffer(-0.05)
    banks = {name: LineString(line).buffer(0.02) for name, line in rivers.items()}
    towns: dict[str, shapely.Geometry] = {}
    taken = shapely.union_all(list(banks.values()))
    for town in plan.TOWNS:
        whole = _natural(town.outline, seed).buffer(0.9, join_style="mitre").buffer(-0.62)
        home = shapely.Point(plan.km(*town.label))
        pieces = shapely.get_parts(whole.intersection(land).difference(taken))
        body = next((p for p in pieces if p.contains(home)), max(pieces, key=lambda p: p.area))
        towns[town.id] = Polygon(body.exterior).simplify(0.025)
        taken = shapely.union_all([taken, towns[town.id]])
    return towns


def _grid(
    region: shapely.Geometry,
    angle: float,
    spacing_km: float,
    rng: np.random.Generator,
    phases: F64,
    swing_km: float = 0.2,
) -> list[F64]:
    """The two families of a bent grid's lines clipped to the region."""
    west, south, east, north = region.bounds
    centre = np.array([(west + east) / 2, (south + north) / 2])
    reach = math.hypot(east - west, north - south) / 2 + 1
    turn = math.radians(angle)
    axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    s = np.arange(-reach, reach, 0.12)
    shapely.prepare(region)
    lines = []
    for family in (0, 1):
        at = -reach
        while at < reach:
            local = np.column_stack([s, np.full(len(s), at)] if family == 0 else [np.full(len(s), at), s])
            lines.append(LineString(_noise(local @ axes + centre, phases, swing_km)))
            at += spacing_km * rng.uniform(0.72, 1.32)
    clipped = shapely.intersection(np.array(lines), region)
    return [part for line in clipped if not line.is_empty for part in _parts(line)]


def _broken(line: F64, rng: np.random.Generator, mean_km: float) -> list[F64]:
    """The line cut into stretches with gaps, as ordinary streets end at blocks."""
    step = max(0.02, float(np.hypot(*(line[-1] - line[0]))) / max(1, len(line) - 1))
    out, at = [], 0
    while at < len(line) - 2:
        run = max(2, int(rng.gamma(2.2, mean_km / 2.2) / step))
        if rng.random() < 0.86:
            out.append(line[at : at + run + 1])
        at += run + (int(rng.uniform(0.1, 0.5) / step) if rng.random() < 0.4 else 0)
    return [part for part in out if len(part) > 1]


def _great_roads(seed: int) -> list[Street]:
    """Motorways, railways and named avenues of the plan."""
    rank = {"motorway": 1, "main": 2, "rail": 3}
    roads = []
    for road in plan.ROADS:
        line = meander(plan.curve(road.line), generator(seed, "road", road.name.zh), 0.03, 3.0)
        roads.append(Street(kind=road.kind, line=line, name=road.name, rank=rank[road.kind]))
    roads.extend(Street(kind="main", line=plan.corners(p), name=Text("跑道", "Runway"), rank=4) for p in plan.RUNWAYS)
    return roads


def _town_streets(
    seed: int, town: plan.Town, area: shapely.Geometry, built: shapely.Geometry, wet: shapely.Geometry
) -> list[Street]:
    """The main grid of a town and the ordinary streets of its built-up land."""
    rng = generator(seed, "grid", town.id)
    phases = rng.uniform(0, 2 * np.pi, 6)
    dry = area.buffer(-0.08).difference(wet)
    streets = [
        Street(kind="main", line=line, town=town.id, rank=4)
        for line in _grid(dry, town.angle, GRID_KM, rng, phases)
        if np.hypot(*(line[-1] - line[0])) > 0.6
    ]
    for line in _grid(built.intersection(dry), town.angle, BLOCK_KM, rng, phases):
        streets.extend(Street(kind="street", line=part, town=town.id, rank=6) for part in _broken(line, rng, 0.9))
    fields = dry.difference(built)
    for line in _grid(fields, town.angle, BLOCK_KM * 2.6, rng, phases):
        streets.extend(Street(kind="street", line=part, town=town.id, rank=7) for part in _broken(line, rng, 1.6))
    return streets


def _city(seed: int, outline: Points) -> shapely.Geometry:
    """A neighbouring city's built-up land."""
    return _natural(outline, seed).buffer(-0.7).buffer(0.7)


def _country_roads(seed: int, country: shapely.Geometry) -> list[Street]:
    """Sparse roads of the land outside towns and cities."""
    rng = generator(seed, "country")
    roads = _grid(country, 6.0, 2.6, rng, rng.uniform(0, 2 * np.pi, 6), 0.5)
    return [Street(kind="street", line=part, rank=8) for line in roads for part in _broken(line, rng, 6.0)]


def _city_streets(seed: int, wet: shapely.Geometry) -> list[Street]:
    """Neighbouring cities: a denser, plainer grid."""
    streets = []
    for city in plan.CITIES:
        rng = generator(seed, "city", city.name.zh)
        phases = rng.uniform(0, 2 * np.pi, 6)
        dry = _city(seed, city.outline).difference(wet)
        streets += [Street(kind="main", line=line, rank=5) for line in _grid(dry, city.angle, 1.7, rng, phases, 0.12)]
        for line in _grid(dry, city.angle, city.spacing_km, rng, phases, 0.12):
            streets.extend(Street(kind="street", line=part, rank=7) for part in _broken(line, rng, 2.2))
    return streets


def build(seed: int) -> Ground:
    """The ground of the city for this seed; about a second of work."""
    rivers = rivers_of(seed)
    water = water_of(seed, rivers)
    towns = towns_of(seed, rivers)
    wet = shapely.union_all([g for _, g in water.values()]).buffer(0.05)
    streets = _great_roads(seed)
    built: list[shapely.Geometry] = []
    for town in plan.TOWNS:
        rng = generator(seed, "built", town.id)
        blobs = shapely.union_all([_blob(rng, *b) for b in town.blobs])
        body = blobs.intersection(towns[town.id]).difference(wet)
        built.append(body)
        streets += _town_streets(seed, town, towns[town.id], body, wet)
    streets += _city_streets(seed, wet)
    cities = [_city(seed, city.outline).difference(wet) for city in plan.CITIES]
    sheet = shapely.box(*plan.km(plan.SHEET[0], plan.SHEET[3]), *plan.km(plan.SHEET[2], plan.SHEET[1]))
    streets += _country_roads(seed, sheet.difference(shapely.union_all([*towns.values(), *cities, wet])))
    borders = [shapely.transform(district(code), to_plane).intersection(sheet) for code in plan.NEIGHBOURS]
    return Ground(
        rivers=rivers, water=water, towns=towns, built=built, cities=cities, streets=streets, districts=borders
    )


def polygons(geometry: shapely.Geometry) -> list[Polygon]:
    """The polygons in a geometry."""
    if isinstance(geometry, Polygon):
        return [geometry]
    return list(geometry.geoms) if isinstance(geometry, MultiPolygon) else []
