"""Questions to the node: who is cancelled ends, whatever comes in the same turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from console.client.asking import Asking
from console.wire.frames import Ticket


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda asking: asking.answered(1, Ticket(req=1, url="rtsp://x", expires_ns=1)),
        lambda asking: asking.lost(),
    ],
)
async def test_a_cancelled_question_ends_although_its_answer_comes_just_then(
    meanwhile: Callable[[Asking], None],
) -> None:
    asking = Asking(lambda message: None)
    task = asyncio.get_running_loop().create_task(asking.ticket("cam", "main"))
    await asyncio.sleep(0)
    task.cancel()
    meanwhile(asking)
    with pytest.raises(asyncio.CancelledError):
        await task
