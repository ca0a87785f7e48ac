"""The guards catch what they are there for, and let pass what has ended."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from tests.leaks import active_timers, left_tasks, new_timers

ROOT = Path(__file__).parents[2]


@pytest.fixture
def noted() -> Iterator[list[str]]:
    """What the guard noted within the test; taken from it, so that the test itself passes."""
    yield left_tasks
    left_tasks.clear()


async def forever() -> None:
    """What nobody ends."""
    await asyncio.Event().wait()


def test_a_task_left_to_its_loops_end_is_named(noted: list[str]) -> None:
    async def work() -> None:
        asyncio.get_running_loop().create_task(forever(), name="the leak")

    asyncio.run(work())
    assert len(noted) == 1
    assert "the leak" in noted[0] and "forever" in noted[0]


def test_tasks_that_ended_or_were_just_cancelled_are_no_leak(noted: list[str]) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_task(asyncio.sleep(0))
        task = loop.create_task(forever())
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(work())
    assert not noted


def test_a_timer_that_still_fires_is_named(qapp: QApplication) -> None:
    before = active_timers()
    owner = QObject()
    owner.setObjectName("leaky")
    timer = QTimer(owner)
    timer.start(60_000)
    assert new_timers(before) == ["timer of QObject leaky, every 60000 ms"]
    timer.stop()
    assert new_timers(before) == []


def test_a_timer_whose_owner_is_to_be_deleted_is_no_leak(qapp: QApplication) -> None:
    before = active_timers()
    owner = QObject()
    QTimer(owner).start(60_000)
    owner.deleteLater()
    assert new_timers(before) == []


LEAKY = """
import asyncio
from PySide6.QtCore import QTimer
from tests.conftest import nothing_leaks, qapp

kept = []

async def test_task():
    asyncio.get_running_loop().create_task(asyncio.sleep(9), name="left over")

def test_timer(qapp):
    kept.append(QTimer())
    kept[0].start(60_000)

async def test_clean(qapp):
    await asyncio.sleep(0)
"""


def test_the_guard_fails_the_test_that_leaks_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "test_leaky.py").write_text(LEAKY, "utf-8")
    options = ["-q", "-p", "no:cacheprovider", "--asyncio-mode=auto", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_leaky.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed, 2 errors" in done.stdout, done.stdout
    assert "tasks nobody ended" in done.stdout and "left over" in done.stdout
    assert "Qt timers that still fire" in done.stdout and "every 60000 ms" in done.stdout
