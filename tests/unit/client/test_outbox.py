"""Unsent acts on disk: there after a kill, sent in order, only to and for whom they were written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from console.api import RefusedError, ResourceError
from console.client import outbox as module
from console.client.outbox import Outbox
from console.wire.frames import Intent

ROOT = Path(__file__).parents[3]


def act(id_: str, actor: str = "张三", context: str = "live") -> Intent:
    return Intent(id=id_, name="alarm.acknowledge", entity="alarm:1", actor=actor, context=context, arguments={"n": 1})


def test_an_act_stays_until_it_is_settled_and_keeps_its_place(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "acts.db")
    for id_ in ("b", "a", "c"):
        box.add(act(id_), node="n1", at_ns=1)
    box.add(act("a"), node="n1", at_ns=2)
    box.settle("b")
    box.close()
    again = Outbox(tmp_path / "acts.db")
    assert again.waiting(node="n1", actor="张三") == [act("a"), act("c")]
    again.close()


def test_acts_for_another_node_or_person_are_counted_and_not_handed_out(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "acts.db")
    box.add(act("1"), node="n1", at_ns=1)
    box.add(act("2", actor="李四"), node="n1", at_ns=1)
    box.add(act("3"), node="n2", at_ns=1)
    assert [i.id for i in box.waiting(node="n1", actor="张三")] == ["1"]
    assert box.others(node="n1", actor="张三") == 2
    box.close()


def test_an_act_in_a_replay_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "acts.db")
    with pytest.raises(RefusedError, match="replay:x"):
        box.add(act("1", context="replay:x"), node="n1", at_ns=1)
    assert box.waiting(node="n1", actor="张三") == []
    box.close()


def test_a_console_killed_right_after_the_key_still_has_the_act(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from console.client.outbox import Outbox;"
        "from console.wire.frames import Intent;"
        "Outbox(Path(sys.argv[1])).add(Intent(id='1', name='x', entity='e', actor='a'), node='n', at_ns=1);"
        "os.kill(os.getpid(), 9)"
    )
    path = tmp_path / "acts.db"
    code = subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, check=False).returncode
    assert code == -9
    box = Outbox(path)
    assert [i.id for i in box.waiting(node="n", actor="a")] == ["1"]
    box.close()


def test_a_disk_that_takes_nothing_is_told_to_the_person(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "acts.db")
    box._db.pragma("max_page_count", box._db.pragma("page_count"))
    with pytest.raises(ResourceError, match="was not sent"):
        for number in range(1000):
            box.add(act(f"{number}" + "x" * 2000), node="n1", at_ns=1)
    box.close()


def test_the_file_of_a_newer_console_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "acts.db"
    db = apsw.Connection(str(path))
    db.pragma("user_version", 7)
    db.close()
    before = path.read_bytes()
    with pytest.raises(ResourceError, match=r"newer version: found 7, expected at most 1; start the newer console"):
        Outbox(path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "acts.db"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE act(mine)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(ResourceError, match=r"acts\.db cannot be used \(it holds tables, but no version of ours"):
        Outbox(path)
    assert path.read_bytes() == before


def test_an_older_file_is_copied_and_brought_up_with_the_acts_that_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "acts.db"
    box = Outbox(path)
    box.add(act("1"), node="n1", at_ns=1)
    box.close()
    later = (*module.STEPS, "ALTER TABLE act ADD COLUMN place_of TEXT NOT NULL DEFAULT ''")
    monkeypatch.setattr(module, "STEPS", later)
    box = Outbox(path)
    assert box.waiting(node="n1", actor="张三") == [act("1")]
    box.add(act("2"), node="n1", at_ns=2)
    assert box.count() == 2
    box.close()
    monkeypatch.setattr(module, "STEPS", later[:1])
    with pytest.raises(ResourceError, match="newer version: found 2"):
        Outbox(path)
    before = Outbox(tmp_path / "acts.db.v1")
    assert before.waiting(node="n1", actor="张三") == [act("1")]
    before.close()


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "acts.db"
    path.write_bytes(b"garbage" * 1000)
    with pytest.raises(ResourceError, match=r"acts\.db"):
        Outbox(path)
