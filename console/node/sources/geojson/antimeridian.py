"""Rings that cross the antimeridian or run round a pole, cut to the flat map (RFC 7946 § 3.1.9); knows no file."""

from __future__ import annotations

import math
from collections.abc import Callable

Ring = list[list[float]]


def cut(ring: Ring) -> list[Ring]:
    """The pieces of a closed ring of (lon, lat) that lie within [-180, 180]; a ring that needs no cut as it is."""
    lons = _unrolled([p[0] for p in ring])
    if not ring or (lons == [p[0] for p in ring] and abs(lons[-1] - lons[0]) < 180):
        return [ring]
    flat: Ring = [[x, p[1]] for x, p in zip(lons, ring, strict=True)]
    if abs(lons[-1] - lons[0]) > 180:  # once round a pole: the flat map goes on to its edge
        pole = math.copysign(90.0, sum(p[1] for p in ring))
        flat += [[lons[-1], pole], [lons[0], pole], flat[0]]
    pieces: list[Ring] = []
    for turn in range(math.floor((min(lons) + 180) / 360), math.ceil((max(lons) + 180) / 360)):
        west = 360.0 * turn - 180
        piece = _kept(_kept(flat, west, lambda x, edge: x >= edge), west + 360, lambda x, edge: x <= edge)
        if len(piece) > 3:
            pieces.append([[x - 360 * turn, y] for x, y in piece])
    return pieces


def _unrolled(lons: list[float]) -> list[float]:
    """Longitudes that go on past ±180 where a step would be longer than half round the Earth."""
    out: list[float] = []
    for lon in lons:
        turns = round((out[-1] - lon) / 360) if out else 0
        out.append(lon + 360 * turns)
    return out


def _kept(ring: Ring, edge: float, inside: Callable[[float, float], bool]) -> Ring:
    """The part of a ring on one side of a meridian (Sutherland and Hodgman 1974), closed."""
    out: Ring = []
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        if inside(a[0], edge):
            out.append(a)
        if inside(a[0], edge) != inside(b[0], edge):
            share = (edge - a[0]) / (b[0] - a[0])
            out.append([edge, a[1] + share * (b[1] - a[1])])
    if out and out[0] != out[-1]:
        out.append(out[0])
    return out
