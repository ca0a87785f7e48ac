"""What a benchmark found and whether its targets held; knows no benchmark."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(kw_only=True, slots=True)
class Outcome:
    """Figures, ratios and targets of one benchmark; a target is (comparison, limit) by the key of a figure or ratio."""

    bench: str
    figures: dict[str, float | str | None] = field(default_factory=dict)
    ratios: dict[str, float | None] = field(default_factory=dict)
    targets: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    def missed(self) -> list[str]:
        """One sentence for each target that did not hold; a figure that could not be measured holds nothing."""
        found = {**self.figures, **self.ratios}
        sentences = []
        for key, (comparison, limit) in self.targets.items():
            value = found.get(key)
            if not isinstance(value, int | float) or not math.isfinite(value):
                sentences.append(f"{key} was not measured")
            elif (value > limit) if comparison == "<=" else (value < limit):
                sentences.append(f"{key} {value:.4g} is not {comparison} {limit:g}")
        return sentences

    def text(self) -> str:
        """Lines for people, then the one JSON line."""
        missed = self.missed()
        lines = [f"{key:24} {_shown(value)}" for key, value in {**self.figures, **self.ratios}.items()]
        lines += [f"missed: {sentence}" for sentence in missed] or ["all targets held"]
        told = {
            "bench": self.bench,
            "figures": {key: _rounded(value) for key, value in self.figures.items()},
            "ratios": {key: _rounded(value) for key, value in self.ratios.items()},
            "ok": not missed,
        }
        return "\n".join([*lines, json.dumps(told, ensure_ascii=False)])


def _rounded(value: float | str | None) -> float | str | None:
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value


def _shown(value: float | str | None) -> str:
    rounded = _rounded(value)
    return "—" if rounded is None else str(rounded)
