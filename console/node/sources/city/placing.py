"""Where sensors of the demo city can stand: positions per town and spot, with their front ends; knows no sensor."""

from __future__ import annotations

import msgspec
import numpy as np
import shapely
from shapely.geometry import LineString, Point

from console.api import F64
from console.node.sources.city import plan
from console.node.sources.city.areas import Cells
from console.node.sources.city.ground import Ground
from console.node.sources.city.plane import along, generator

SPOTS = ("street", "gas", "water", "bridge", "works", "built", "open", "river")
_MARGIN_KM = 0.02
"""Every position keeps this distance from its area's edge, so that rounding cannot move it out."""


class Pools(msgspec.Struct, frozen=True, kw_only=True):
    """Candidate positions: `at[town, spot]` f64 (n, 2) in km and `area[town, spot]` the front end of each."""

    at: dict[tuple[str, str], F64]
    area: dict[tuple[str, str], list[str]]
    pipes: dict[str, list[F64]]
    inner: dict[str, shapely.Geometry]

    def sites(self, rng: np.random.Generator, town: str, spot: str, count: int) -> list[tuple[F64, str]]:
        """At most `count` positions of a pool with their front ends: sites that several sensors share."""
        key = (town, spot) if len(self.at[town, spot]) else (town, "open")
        order = rng.permutation(len(self.at[key]))[:count]
        return [(self.at[key][k], self.area[key][k]) for k in order]

    def nearest(self, at: F64, town: str) -> tuple[F64, str]:
        """The position and front end inside `town` closest to a wished position."""
        point = Point(*at)
        name = min((n for n in self.inner if n.startswith(town + ".")), key=lambda n: self.inner[n].distance(point))
        if self.inner[name].covers(point):
            return at, name
        return shapely.get_coordinates(shapely.shortest_line(self.inner[name], point))[0], name


def _pipes(seed: int, ground: Ground) -> dict[str, list[F64]]:
    """Gas and water mains: most main streets of the towns, set off from the middle of the road."""
    pipes: dict[str, list[F64]] = {"gas": [], "water": []}
    names = {road.name.zh for road in plan.ROADS if road.kind == "main"}
    for medium, side in (("gas", 0.012), ("water", -0.012)):
        rng = generator(seed, "pipes", medium)
        for street in ground.streets:
            named = street.name.zh in names
            if street.kind == "main" and (named or (street.town and rng.random() < 0.72)):
                moved = LineString(street.line).offset_curve(side)
                pipes[medium] += [shapely.get_coordinates(g) for g in shapely.get_parts(moved) if g.length > 0.4]
    return pipes


def _bridges(ground: Ground) -> F64:
    """Positions where greater roads cross the rivers, both heads of each bridge."""
    found: list[F64] = []
    rivers = shapely.union_all([LineString(line) for line in ground.rivers.values()])
    half = {river.id: river.half_km for river in plan.RIVERS}
    for street in ground.streets:
        if street.rank > 2:
            continue
        road = LineString(street.line)
        if not road.intersects(rivers):
            continue
        for p in shapely.get_parts(road.intersection(rivers)):
            name = min(ground.rivers, key=lambda n: LineString(ground.rivers[n]).distance(p))
            s = road.project(p)
            for away in (half[name] + 0.03, half[name] + 0.06, half[name] + 0.1):
                found += [shapely.get_coordinates(road.interpolate(s + d))[0] for d in (-away, away)]
    return np.array(found).reshape(-1, 2)


def _banks(ground: Ground) -> F64:
    """Positions on both banks of the rivers, every 300 m."""
    parts = []
    for river in plan.RIVERS:
        for side in (-1, 1):
            bank = LineString(ground.rivers[river.id]).offset_curve(side * (river.half_km + 0.025))
            parts += [along(shapely.get_coordinates(g), 0.3) for g in shapely.get_parts(bank) if g.length > 0.5]
    return np.vstack(parts)


def _scattered(region: shapely.Geometry, count: int, rng: np.random.Generator) -> F64:
    west, south, east, north = region.bounds
    trial: F64 = rng.uniform((west, south), (east, north), (count, 2))
    inside: F64 = trial[shapely.contains_xy(region, trial[:, 0], trial[:, 1])]
    return inside


def build(seed: int, ground: Ground, cells: Cells) -> Pools:
    """All pools of the city."""
    pipes = _pipes(seed, ground)
    wet = shapely.union_all([shape for _, shape in ground.water.values()])
    rng = generator(seed, "scatter")
    streets = [s.line for s in ground.streets if s.kind == "main" and (s.town or s.rank == 2)]
    candidates: dict[str, F64] = {
        "street": np.vstack([along(line, 0.22) for line in streets]),
        "gas": np.vstack([along(line, 0.25) for line in pipes["gas"]]),
        "water": np.vstack([along(line, 0.3) for line in pipes["water"]]),
        "bridge": _bridges(ground),
        "river": _banks(ground),
        "built": np.vstack([_scattered(b, 2600, rng) for b in ground.built]),
        "open": np.vstack([_scattered(cells.shapes[t.id].difference(wet), 1500, rng) for t in plan.TOWNS]),
    }
    candidates["works"] = np.vstack(
        [_scattered(cells.shapes[n], 60, rng) for n in cells.front_ends if n.endswith(".5")]
    )
    inner = {name: cells.shapes[name].buffer(-_MARGIN_KM) for name in cells.front_ends}
    at: dict[tuple[str, str], F64] = {}
    area: dict[tuple[str, str], list[str]] = {}
    for spot, points in candidates.items():
        home = np.full(len(points), -1)
        for k, shape in enumerate(inner.values()):
            home[shapely.contains_xy(shape, points[:, 0], points[:, 1])] = k
        names = [*inner, ""]
        towns = np.array([names[k].split(".")[0] for k in home])
        for town in plan.TOWNS:
            mine = np.flatnonzero(towns == town.id)
            at[town.id, spot] = points[mine]
            area[town.id, spot] = [names[home[k]] for k in mine]
    return Pools(at=at, area=area, pipes=pipes, inner=inner)
