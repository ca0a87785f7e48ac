"""One thing goes wrong at a step drawn by chance in the life of acts: each is done once, and nothing said is untrue."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.fault.lives import Fault, Life, wishes

CUTS = 68
SOAK_CUTS = int(os.environ.get("YILAN_SOAK_CUTS", "1000"))


async def lived(folder: Path, seed: int, fault: Fault | None, at: int | None) -> Life:
    """A life with all that the officer wants, whatever happens on the way; checked at its end."""
    life = Life(folder, seed, fault, at)
    await life.begin()
    try:
        for wish in wishes():
            await life.wants(wish)
        await life.end()
        await check(life)
    finally:
        await life.close()
    scratch = folder / "copy"
    scratch.mkdir()
    assert life.report(scratch).bad == ""
    return life


async def check(life: Life) -> None:
    """Every wish has its entries once, all of an act's or none; what was called saved is there, what was not is not."""
    entries = await life.entries()
    done = Counter((entry.header.kind, entry.header.entity) for entry in entries if entry.header.actor)
    assert done == Counter((kind, wish.entity) for wish in wishes() for kind in wish.kinds)
    heads = {entry.header.intent: entry.hash.hex() for entry in entries}
    for intent, head in life.saved.items():
        assert heads.get(intent) == head, f"{intent} was answered as saved"
    assert not life.unsaved & set(heads), "what was called not saved is saved"
    assert all(life.node.shows(wish) for wish in wishes())


async def many(cuts: int, folder: Path) -> tuple[Counter[str], float]:
    """So many lives; what the officers were told, how often, and the longest time to open again."""
    whole = await lived(made(folder / "whole"), 0, None, None)
    told: Counter[str] = Counter()
    slowest_s = 0.0
    for seed in range(cuts):
        fault = list(Fault)[seed % len(Fault)]
        at = random.Random(seed).randint(1, whole.steps)
        try:
            life = await lived(made(folder / str(seed)), seed, fault, at)
        except BaseException as error:
            error.add_note(f"seed {seed}: {fault} at step {at} of {whole.steps}")
            raise
        told.update(word for word in WORDS if any(word in said for said in life.told))
        slowest_s = max(slowest_s, life.reopened_s)
    return told, slowest_s


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


WORDS = ("free space", "check the disk", "was not sent")


async def test_acts_are_done_once_whatever_goes_wrong(tmp_path: Path) -> None:
    told, _ = await many(CUTS, tmp_path)
    assert told["free space"], "a full disk was told as one"
    assert told["was not sent"]


@pytest.mark.soak
async def test_acts_are_done_once_at_a_thousand_steps(tmp_path: Path) -> None:
    told, slowest_s = await many(SOAK_CUTS, tmp_path)
    print(f"\n{SOAK_CUTS} cut points, opened again within {slowest_s:.3f} s; told: {dict(told)}")
    assert all(told[word] for word in WORDS)
