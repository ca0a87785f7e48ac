"""The line of a long work: rows, rows a second, how much, how long; over itself on a terminal, rarely elsewhere."""

from __future__ import annotations

import io

from console.node.progress import Progress


class Terminal(io.StringIO):
    """Text that is shown to a person."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_line_says_rows_speed_share_and_what_is_left() -> None:
    clock = Clock()
    progress = Progress("year.csv", io.StringIO(), clock)
    clock.now += 10
    assert progress.line(1_000_000, 0.25) == "year.csv  1,000,000 rows  100,000 rows/s  25 %  30 s left"
    clock.now += 3590
    assert progress.line(1_000_000, 0.25).endswith("3.0 h left")
    assert progress.line(0, 0.0).endswith("0 %"), "nobody knows yet how long"


def test_a_terminal_keeps_one_line_and_ends_clean() -> None:
    clock, out = Clock(), Terminal()
    progress = Progress("a", out, clock)
    for step in range(10):
        clock.now += 0.3
        progress.show(step, step / 10)
    assert "\n" not in out.getvalue()
    assert progress.end() == clock.now - 100
    assert out.getvalue().endswith("\r\x1b[2K")


def test_a_log_gets_a_line_now_and_then() -> None:
    clock, out = Clock(), io.StringIO()
    progress = Progress("a", out, clock)
    for step in range(100):
        clock.now += 0.11
        progress.show(step, step / 100)
    assert len(out.getvalue().splitlines()) == 2
    assert "\x1b" not in out.getvalue()
