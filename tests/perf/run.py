"""`main.py bench NAME`: finds the benchmark, runs it, prints its lines and the one JSON object; measures nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from tests.perf import fanout, history, idle, ingest, journal, soak, start, stream, wall
from tests.perf.outcome import Outcome

BENCHES: dict[str, Callable[[bool], Outcome]] = {
    "start": start.run,
    "idle": idle.run,
    "ingest": ingest.run,
    "fanout": fanout.run,
    "history": history.run,
    "journal": journal.run,
    "soak": soak.run,
    "soak_wall": soak.run_wall,
    "stream": stream.run,
    "wall": wall.run,
}


def main(name: str, *, long: bool = False) -> int:
    """Run one benchmark; LONG=1 in the environment asks for the full run too. Exit code 0 once it has measured:
    whether every target held stands in `ok`, and the JSON line stays the last one."""
    bench = BENCHES.get(name)
    if bench is None:
        print(f"no benchmark {name!r}; there are: {', '.join(sorted(BENCHES))}", file=sys.stderr)
        return 2
    outcome = bench(long or os.environ.get("LONG", "") not in ("", "0"))
    print(outcome.text(), flush=True)
    return 0
