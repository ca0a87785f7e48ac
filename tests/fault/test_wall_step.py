"""A wall of two machines keeps in step with its scenes: one is killed, the wire to the node is cut, and both come back.

A slice runs with `make test`, the whole with `make soak`; how far the machines are apart is printed, not asserted.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from console.api import PictureState, WallMachine
from tests.flow.nodes import until
from tests.hall import MACHINES, WITHIN_S, Hall, hall

ROUNDS = int(os.environ.get("YILAN_SOAK_ROUNDS", "100"))


def failed(one: Hall) -> Sequence[str]:
    """Machines that gave up, or said that a scene cannot be shown."""
    return [
        name
        for name, machine in one.machines.items()
        for heard in machine.heard
        if "failed" in heard.line or any(n["key"] == "wall.scene" for n in heard.line.get("notices", ()))
    ]


async def seen_at_the_desk(one: Hall) -> None:
    """The desk knows which scene both machines show, and has a live picture of each screen."""

    def shown() -> dict[str, int]:
        one.desk.drain()
        return {machine.machine: machine.number for machine in one.desk.entities(WallMachine).values()}

    one.desk.walls.decode = lambda _jpeg, width, height: np.zeros((height, width, 4), np.uint8)
    feeds = [one.desk.feed(f"wall:w1/{name}") for name in MACHINES]
    await until(lambda: shown() == dict.fromkeys(MACHINES, one.taken), WITHIN_S)
    await until(lambda: all(feed.state is PictureState.LIVE and feed.picture() for feed in feeds), WITHIN_S)
    for feed in feeds:
        feed.close()


async def test_two_machines_show_every_scene_and_act_never_while_one_is_killed_and_the_wire_is_cut(
    tmp_path: Path,
) -> None:
    async with hall(tmp_path) as one:
        await one.step()
        await one.refused()
        await one.step()
        await seen_at_the_desk(one)
        await one.kill("a")
        await one.step()
        await seen_at_the_desk(one)
        await one.wire.cut()
        marks = one.marks()
        await one.take()
        await one.wire.mend()
        await one.both(marks)
        assert failed(one) == []
        one.said("two machines, one killed, the wire cut")


@pytest.mark.soak
async def test_two_machines_through_many_scenes_and_deaths_by_chance(tmp_path: Path) -> None:
    chance = random.Random(5)
    async with hall(tmp_path) as one:
        for round_ in range(ROUNDS):
            trouble = chance.choice(("kill", "cut", "")) if round_ % 5 == 0 else ""
            if trouble == "kill":
                await one.kill(chance.choice(MACHINES))
            elif trouble == "cut":
                await one.wire.cut()
                await one.linked(False)
                await one.kill(chance.choice(MACHINES))  # comes back with the scene that it had, and no node in sight
                marks = one.marks()
                await one.take()
                await one.wire.mend()
                await one.both(marks)
            await one.step()
            if trouble:
                # not more deaths within a minute than the supervisor puts up with
                await asyncio.sleep(13.0)
        assert failed(one) == []
        one.said("two machines over many scenes")
