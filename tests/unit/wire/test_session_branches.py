"""The session machines' own tests, those by chance left out, take every row of their tables and every branch."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import io, json, sys
import coverage, pytest

watch = coverage.Coverage(branch=True, data_file=None, config_file=False, include=["*/console/wire/session/*"])
watch.start()
from console.wire.session import console, node

gone = set()
for end, machine in ((console, console.ConsoleSession), (node, node.NodeSession)):
    def go(self, event, *what, _go=machine._go, _name=end.__name__):
        gone.add((_name, self.state, event))
        return _go(self, event, *what)
    machine._go = go
names = ("console", "node", "rows", "document")
code = pytest.main(["-q", *(f"tests/unit/wire/session/test_{name}.py" for name in names)])
watch.stop()
rows = {(end.__name__, *row) for end in (console, node) for row in end.TABLE}
share = watch.report(file=(said := io.StringIO()), show_missing=True)
rows -= {(node.__name__, state, event) for state in (set(node.State) - {node.State.WAITING})
         for event in (node.Event.GUEST, node.Event.BAD_HELLO)}  # a second hello is refused whatever it says
untaken = sorted(f"{end} {state.value}: {event.value}" for end, state, event in rows - gone)
print("\\n" + json.dumps({"code": int(code), "share": share, "report": said.getvalue(), "untaken": untaken}))
"""


@pytest.mark.skipif(find_spec("coverage") is None, reason="coverage is not installed: branches cannot be counted")
def test_every_row_and_every_branch_is_taken() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.strip(), done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["code"] == 0, done.stdout
    assert found["untaken"] == [], "rows that no test takes"
    assert found["share"] == 100.0, found["report"]
