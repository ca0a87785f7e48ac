"""What the demo city measures: domains, and the kinds of sensors of `kinds.toml` with units, limits and habits."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import msgspec

from console.api import Board, ChannelKind, Domain, Limit, Text, Value

_DOMAINS = """
    lifeline    gas 燃气 Gas 368            water 供水 Water 231         drain 排水 Drainage 160
    lifeline    power 供电 Power 244        bridge 桥隧 Bridges 142
    public      fire 消防 Fire 180          police 治安 Order 250        medical 医疗 Medical 194
    public      traffic 交通 Traffic 240
    production  chem 危化 Chemicals 185     build 建筑 Building 184      special 特种设备 Equipment 104
    natural     flood 防汛 Flood 244        geo 地质 Geology 61          weather 气象 Weather 87
"""
"""A board, then id, 中文, English and share of all sensors of each of its domains, in the board matrix's order."""
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
    what rain adds at its peak; a value stays within `floor` and `ceiling`; a limit reads "P1 <= 0.2 ~0.01": priority,
    side, value, hysteresis.
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
    floor: float = 0.0
    ceiling: float = math.inf
    limits: tuple[str, ...] = ()
    alarm: Text = Text("")
    likely: Text = Text("")
    act: Text = Text("")
    spot: str = "street"
    period_s: int = 1
    channel: ChannelKind = ChannelKind.SCALAR
    states: tuple[Text, ...] = ()

    def bounds(self) -> tuple[Limit, ...]:
        """The limits as values."""
        out = []
        for text in self.limits:
            priority, side, value, hysteresis = text.split()
            make = above if side == ">=" else below
            out.append(make(int(priority.removeprefix("P")), float(value), float(hysteresis.removeprefix("~"))))
        return tuple(out)


def _read_domains() -> tuple[dict[str, Domain], dict[str, int]]:
    domains: dict[str, Domain] = {}
    shares: dict[str, int] = {}
    for line in _DOMAINS.strip().splitlines():
        board, *words = line.split()
        for name, zh, en, share in zip(*(words[k::4] for k in range(4)), strict=True):
            text = Text(zh, en)
            domains[name] = Domain(id=name, board=Board(board), name=text, order=len(domains), simulated=True)
            shares[name] = int(share)
    return domains, shares


DOMAINS, SHARES = _read_domains()
KINDS = tuple(
    msgspec.convert(raw, Kind) for raw in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["kind"]
)
