"""Keeps feeds fed: decode workers started, shared, watched and ended; knows no Qt and keeps no address.

A feed's address comes from a media ticket that is asked anew at each connection. A worker may be killed at any moment:
its feeds are lost, and live again with the next worker.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Callable
from typing import Any, Final

from console.api import LinkError, PictureState, RefusedError
from console.client.capture import REASONS
from console.client.feed import GetUrl, MediaFeed
from console.client.worker import DecodeWorker
from console.tasks import Tasks

log = logging.getLogger(__name__)
BACKOFF_S: Final = (0.3, 0.6, 1.2, 2.5, 5.0, 8.0)
STEADY_S: Final = 10.0
"""A connection that was live for so long starts the back-off anew."""
STREAMS_A_WORKER: Final = 4
MOST_WORKERS: Final = max(1, os.cpu_count() or 1)
SILENT_S: Final = 6.0
"""A worker that says nothing for so long is killed."""
WATCH_S: Final = 0.5
END_S: Final = 1.0


class Media:
    """All feeds of a console.

    Args:
        tasks: the console's task supervisor.
        clock_offset_ns: node clock minus this machine's, asked at each picture.
    """

    def __init__(self, tasks: Tasks, clock_offset_ns: Callable[[], int] | None = None) -> None:
        self._tasks = tasks
        self.clock_offset_ns = clock_offset_ns or (lambda: 0)
        self._feeds: dict[int, MediaFeed] = {}
        self._workers: list[DecodeWorker] = []
        self._ended: list[DecodeWorker] = []
        self._next = 0
        self._watching = False
        self._closed = False
        self.deaths = 0
        """Workers that ended unasked."""

    def feed(self, camera_id: str, stream: str, get_url: GetUrl) -> MediaFeed:
        """Begin to read a camera; `get_url` gives an address good for one connection. Needs a running loop."""
        self._next += 1
        made = MediaFeed(self, self._next, get_url)
        self._feeds[made.number] = made
        self._tasks.start(f"media.{camera_id}.{stream}", self._keep(made), owner=made)
        if not self._watching:
            self._watching = True
            self._tasks.start("media.watch", self._watch(), owner=self)
        return made

    async def close(self) -> None:
        """End every feed and worker; no process, descriptor or shared memory of ours remains."""
        self._closed = True
        for feed in list(self._feeds.values()):
            feed.close()
        self._tasks.cancel(self)
        for worker in self._workers:
            worker.dismiss()
        gone = [*self._workers, *self._ended]
        self._workers.clear()
        for worker in gone:
            await worker.gone(END_S)
        self._ended.clear()

    @property
    def worker_pids(self) -> list[int]:
        """Processes at work now, for figures and tests."""
        return [worker.process.pid for worker in self._workers]

    # ------------------------------------------------------------------ for feeds

    def now_ns(self) -> int:
        """Node time."""
        return time.time_ns() + self.offset_ns

    @property
    def offset_ns(self) -> int:
        """Node clock minus ours."""
        return self.clock_offset_ns()

    def released(self, feed: MediaFeed) -> None:
        """A feed was closed by its tile."""
        self._feeds.pop(feed.number, None)
        self._tasks.cancel(feed)
        if feed.worker is not None:
            feed.worker.close_stream(feed.number)
            feed.worker = None

    # ------------------------------------------------------------------ connections

    async def _keep(self, feed: MediaFeed) -> None:
        failures = 0
        while not feed.closed:
            try:
                url = await feed.get_url()
            except RefusedError as error:
                log.info("no address for a picture: %s", error)
                feed.lost(error.code if error.code in REASONS else "no address")
            except LinkError:
                feed.lost("no link to the node")
            else:
                feed.open(self._worker(devices=not isinstance(url, str)), url)
                await feed.ended.wait()
            if feed.live_since_s and time.monotonic() - feed.live_since_s > STEADY_S:
                failures = 0
            feed.live_since_s = 0.0
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)] * random.uniform(0.7, 1.3))
            failures += 1

    def _worker(self, *, devices: bool) -> DecodeWorker:
        """The least busy worker of its kind, or a new one where all are full and the machine has cores for it."""
        kind = [worker for worker in self._workers if worker.devices is devices]
        least = min(kind, key=lambda w: len(w.streams), default=None)
        full = least is None or len(least.streams) >= STREAMS_A_WORKER
        if least is not None and (not full or len(kind) >= MOST_WORKERS):
            return least
        made = DecodeWorker(self._frame, self._state, self._worker_ended, devices=devices)
        self._workers.append(made)
        return made

    # ------------------------------------------------------------------ what workers say

    def _frame(self, number: int) -> None:
        feed = self._feeds.get(number)
        if feed is not None:
            feed.arrived()

    def _state(self, number: int, news: dict[str, Any]) -> None:
        feed = self._feeds.get(number)
        if feed is None:
            return
        state, detail = PictureState(news["state"]), str(news["detail"])
        if state is PictureState.LOST:
            if feed.worker is not None:
                feed.worker.streams.discard(number)
            feed.lost(detail)
        elif state is PictureState.STALE:
            feed.tell(state, detail)

    def _worker_ended(self, worker: DecodeWorker) -> None:
        self._workers.remove(worker)
        self._ended.append(worker)
        self.deaths += 1
        log.warning("decode worker %d ended unasked", worker.process.pid)
        for number in worker.streams:
            feed = self._feeds.get(number)
            if feed is not None:
                feed.lost("decoder restarts")

    async def _watch(self) -> None:
        """Find what no news tells: hanging workers, and pictures that went stale in silence."""
        was: dict[int, PictureState] = {}
        while not self._closed:
            await asyncio.sleep(WATCH_S)
            for worker in list(self._workers):
                worker.hear()
                if time.monotonic() - worker.heard_s > SILENT_S:
                    log.warning("decode worker %d hangs and is killed", worker.process.pid)
                    worker.kill()
            self._ended = [worker for worker in self._ended if worker.process.poll() is None]
            self._dismiss_idle()
            for number, feed in self._feeds.items():
                state = feed.state
                if was.get(number) is not state:
                    feed.nudge()
                was[number] = state
            was = {number: state for number, state in was.items() if number in self._feeds}

    def _dismiss_idle(self) -> None:
        # one idle worker of each kind stays warm, so that the next picture comes fast
        idle = [worker for worker in self._workers if not worker.streams]
        cameras, devices = ([w for w in idle if w.devices is kind] for kind in (False, True))
        for worker in cameras[1:] + devices[1:]:
            self._workers.remove(worker)
            worker.dismiss()
            self._ended.append(worker)
