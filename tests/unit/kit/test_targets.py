"""What a finger means that falls on, beside and between what is painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from widgets.kit.targets import Targets, grown

BLOCK = QRectF(0, 0, 400, 60)
BUTTON = QRectF(300, 20, 60, 20)


def of(*targets: tuple[QRectF, str], least: float = 40) -> Targets:
    made = Targets(least)
    for rect, act in targets:
        made.add(rect, act)
    return made


def test_what_is_small_is_meant_beside_it_too() -> None:
    sign = of((QRectF(100, 10, 20, 20), "mute"))
    assert sign.at(QPointF(92, 38)) == "mute"
    assert sign.at(QPointF(80, 20)) == ""
    assert of((QRectF(100, 10, 20, 20), "mute"), least=0).at(QPointF(92, 20)) == ""


def test_a_small_thing_on_a_large_one_takes_what_falls_just_beside_it() -> None:
    both = of((BLOCK, "select"), (BUTTON, "acknowledge"))
    assert both.at(QPointF(330, 14)) == "acknowledge"
    assert both.at(QPointF(100, 30)) == "select"
    assert of((BLOCK, "select"), (BUTTON, "acknowledge"), least=0).at(QPointF(330, 14)) == "select"


def test_between_two_the_nearer_is_meant_and_on_one_that_one() -> None:
    two = of((QRectF(0, 0, 30, 40), "back"), (QRectF(36, 0, 30, 40), "on"))
    assert (two.at(QPointF(32, 20)), two.at(QPointF(34, 20))) == ("back", "on")
    assert (two.at(QPointF(29, 20)), two.at(QPointF(37, 20))) == ("back", "on")


def test_a_reach_stays_on_its_row() -> None:
    row = Targets(40)
    row.add(QRectF(100, 2, 20, 10), "acknowledge", QRectF(0, 0, 300, 60))
    assert row.at(QPointF(110, 39)) == "acknowledge"
    assert row.at(QPointF(110, -3)) == ""


def test_grown_keeps_its_middle() -> None:
    assert grown(BUTTON, 40) == QRectF(300, 10, 60, 40)
    assert grown(BUTTON, 0) == BUTTON
