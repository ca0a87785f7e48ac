"""Minutes of deaths at moments drawn by chance: the program always comes back whole, and its memory does not grow."""

from __future__ import annotations

import os
import random
import threading

import psutil
import pytest

from tests.fault.test_deaths import painted_more
from tests.perf.soak import rss_mb
from tests.program import Program

pytestmark = pytest.mark.soak
ROUNDS = int(os.environ.get("YILAN_SOAK_ROUNDS", "20"))
SEED = 2
BACK_S = 90.0
MOST_GROWTH = 1.25


def renderers(program: Program) -> list[psutil.Process]:
    """WebEngine's processes that bear a page."""
    web = program.of_role("web")
    return [process for process in web if process.parent() in web]


def whole(program: Program) -> None:
    """Wait until every part runs and paints again."""
    since = program.mark()
    for panel in ("chart", "map", "video"):
        painted_more(program, panel, since)
    program.wait(lambda h: h.line.get("stats", {}).get("link_up") is True, BACK_S, since)


def test_random_deaths(running: Program) -> None:
    chance = random.Random(SEED)
    whole(running)
    before: dict[str, float] = {}
    for round_ in range(ROUNDS):
        # two at a time, the second while the first comes back
        for role in chance.sample(("node", "cameras", "decoder", "web", "console"), 2):
            victims = renderers(running) if role == "web" else running.of_role(role)
            if victims:
                chance.choice(victims).kill()
            threading.Event().wait(chance.uniform(0.0, 1.5))
        whole(running)
        # not more deaths within a minute than the supervisor puts up with
        threading.Event().wait(15.0)
        if round_ == ROUNDS // 4:
            before = rss_mb(running.processes())
    after = rss_mb(running.processes())
    grown = {role: after[role] / before[role] for role in before if role in after}
    assert all(ratio < MOST_GROWTH for ratio in grown.values()), grown


def test_a_node_that_hangs(running: Program) -> None:
    (node,) = running.of_role("node")
    node.suspend()
    since = running.mark()
    running.wait(lambda h: h.line.get("stats", {}).get("link_up") is False, BACK_S, since)
    node.resume()
    running.wait(lambda h: h.line.get("stats", {}).get("link_up") is True, BACK_S, running.mark())
    whole(running)
