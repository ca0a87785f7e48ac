"""Contrast of every pair of colours in use, computed from resources/tokens.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor

from console.api import SettingsError
from widgets.kit.tokens import Mode, Tokens, contrast, mixed, night, read_tokens

MODES: tuple[Mode, Mode] = ("night", "day")
TEXT, ALARM, EDGE = 4.5, 7.0, 3.0


def _pairs(t: Tokens) -> list[tuple[str, QColor, QColor, float]]:
    pairs = [
        (f"{name} on {ground}", getattr(t, name), getattr(t, ground), TEXT)
        for name in ("text", "text2", "muted", "fault")
        for ground in ("tile", "raised")
    ]
    pairs += [(f"text on {g}", t.text, getattr(t, g), TEXT) for g in ("land", "built", "water")]
    pairs += [
        ("tile on text2 (the primary act)", t.tile, t.text2, TEXT),
        ("text on fault fill", t.fault_fill_text, t.fault_fill, TEXT),
        ("data on tile", t.data, t.tile, EDGE),
        ("data on land", t.data, t.land, EDGE),
        ("focus on tile", t.focus, t.tile, EDGE),
        ("focus on raised", t.focus, t.raised, EDGE),
        ("focus on map", t.focus, t.built, EDGE),
        ("fault sign on tile", t.fault, t.tile, ALARM),
    ]
    for n in (1, 2, 3, 4):
        step = t.priority[n]
        pairs += [
            (f"p{n} line on tile", step.line, t.tile, ALARM),
            (f"p{n} text on its fill", step.fill_text, step.fill, TEXT),
            (f"p{n} rim on tile", step.rim, t.tile, EDGE),
            (f"p{n} rim on land", step.rim, t.land, EDGE),
            (f"p{n} rim on built", step.rim, t.built, EDGE),
        ]
    return pairs


@pytest.mark.parametrize("mode", MODES)
def test_every_pair_in_use_has_its_contrast(mode: Mode) -> None:
    low = [
        f"{n}: {contrast(a, b):.2f} < {least}" for n, a, b, least in _pairs(read_tokens(mode)) if contrast(a, b) < least
    ]
    assert not low


def test_orange_and_yellow_are_apart_from_red_in_lightness_by_night() -> None:
    t = night()
    lines = [t.priority[n].line.lightnessF() for n in (1, 2, 3, 4)]
    assert len({round(x, 2) for x in lines}) >= 3


def test_contrast_knows_its_ends() -> None:
    black, white = QColor("#000000"), QColor("#FFFFFF")
    assert contrast(black, white) == pytest.approx(21.0)
    assert contrast(white, white) == pytest.approx(1.0)
    assert mixed(white, black, 0.5).red() in (127, 128)


def test_a_colour_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    source = Path(__file__).parents[2] / "resources" / "tokens.toml"
    file.write_text(source.read_text(encoding="utf-8").replace('"#1A1E21"', '"#nope"'), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"night\.tile"):
        read_tokens("night", file)
