"""Rebuilt from zero all stands as the running node has it: whatever persons at two nodes did, and in which order."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api import Board, RefusedError, Text
from console.node.acts import hazards, incident_forms, seats
from console.node.acts.numbers import Numbers
from console.node.journal.entry import Draft
from console.node.journal.ledger import Ledger
from console.node.journal.projections import Projections
from console.node.journal.rebuild import compare, main
from console.node.journal.snapshot import Snapshots
from console.node.journal.store import Store
from console.rules.elapsed import Mark
from console.wire.frames import Intent
from tests.unit.node.journal.ledgers import Wall, exchange, key, ledger, standing, tell, write

FACTS: dict[str, Any] = {
    "place": "天元路",
    "nature": "燃气",
    "verified_by": "张三",
    "leader": "赵队",
    "measures": "关阀",
    "casualties": [0, 0, 0],
    "cause": "老化",
    "lessons": "巡检",
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "incident.report": {"title": "泄漏"} | FACTS,
    "incident.tell": {"text": "风向转东"},
    "incident.send": {"report": "first_phone", "to": "新区"},
    **{name: FACTS | {"reason": "事出有因", "response_level": 2} for name in incident_forms.STEPS},
    **{name: {"value": 2} for name in incident_forms.SCALES},
    "hazard.find": {"title": "积水", "board": Board.PUBLIC.value},
    "hazard.tell": {"text": "已拍照"},
    **{name: {"reason": "事出有因", "severity": 2, "to": "某厂"} for name in hazards.LOOP},
    "shift.start": {"reason": "接替"},
    "shift.log": {"text": "平安"},
    "shift.draft": {"coming": "p2", "text": "平安"},
    **{f"shift.{name}": {"reason": "事出有因"} for name in ("sign_off", "take", "object")},
}
CLASSES = ("incident", "hazard", "shift")


def drafts(of: Ledger, intent: Intent, numbers: Numbers, now_ns: int) -> list[Draft]:
    """The entries of an act as the node's own code makes them."""
    cls = intent.name.partition(".")[0]
    view = of.projections.view(cls, intent.entity)
    now = Mark(boot=of.node, boot_ns=now_ns, wall_ns=now_ns)
    match cls:
        case "incident":
            around = incident_forms.Around(now, {}, lambda _: True, simulated=False)
            return incident_forms.decide(intent, around, view, numbers)
        case "hazard":
            return hazards.decide(intent, hazards.Around({}, lambda _: True, source=False), view)
        case _:
            return seats.decide(intent, seats.Around({}, ("incident:x",), None), view)


act = st.tuples(
    st.sampled_from(sorted(ARGUMENTS)),
    st.sampled_from(["e1", "e2"]),
    st.sampled_from(["p1", "p2", "p3"]),
    st.integers(0, 1),
    st.sampled_from(["", "", "", "one way", "both"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=st.lists(act, max_size=40), seen=st.booleans())
def test_what_persons_did_at_two_nodes_is_rebuilt_from_zero_as_it_runs_and_the_same_on_both(
    acts: list[tuple[str, str, str, int, str]], seen: bool
) -> None:
    wall = Wall()
    nodes, numbers, count = [ledger("n1", wall), ledger("n2", wall)], [Numbers(), Numbers()], itertools.count()
    saved = 0
    for name, entity, actor, at, then in acts:
        heads = nodes[at].projections.heads(name.partition(".")[0], entity) if seen else ()
        intent = Intent(
            id=f"i{next(count)}",
            name=name,
            entity=entity,
            actor=actor,
            heads=tuple(head.hex() for head in heads),
            arguments=ARGUMENTS[name],
        )
        try:
            made = drafts(nodes[at], intent, numbers[at], wall())
        except RefusedError:
            continue
        nodes[at].append(made)
        nodes[at].commit()
        saved += len(made)
        if then == "both":
            exchange(*nodes)
        elif then:
            tell(nodes[at], nodes[1 - at])
    for node in nodes:
        _is_as_rebuilt(node)
    exchange(*nodes)
    for cls in CLASSES:
        assert standing(nodes[0], cls) == standing(nodes[1], cls)
        assert sum(view.entries for view in standing(nodes[0], cls).values()) <= saved
    for node in nodes:
        _is_as_rebuilt(node)
        node.close()


def _is_as_rebuilt(node: Ledger) -> None:
    rebuilt = Projections(node._folds, node.store, node.marks)
    rebuilt.rebuild()
    with tempfile.TemporaryDirectory() as folder:
        snapshots = Snapshots(Path(folder), key(), node._folds)
        snapshots.write({f.cls: rebuilt.views(f.cls) for f in node._folds}, node.store.last, node.store.running)
        kept = snapshots.read(node.store)
    assert kept is not None
    resumed = Projections(node._folds, node.store, node.marks)
    resumed.resume(kept)
    for cls in CLASSES:
        assert {view.id: view for view in rebuilt.views(cls)} == standing(node, cls)
        assert {view.id: view for view in resumed.views(cls)} == standing(node, cls)


def test_the_command_folds_a_journal_both_ways_and_says_what_it_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    one, other = ledger("n1", path=folder / "journal.db"), ledger("n2")
    for number in range(150):
        write(one, f"line {number}", f"note{number % 7}")
        write(other, f"other {number}", f"note{number % 5}")
        if number % 40 == 0:
            exchange(one, other)
    exchange(one, other)
    assert main(tmp_path, None) == 0  # while the node has it open
    said = capsys.readouterr().out
    assert "7 note" in said
    assert "as they do when grown" in said
    one.close()
    assert compare(folder / "journal.db").entities["note"] == 7


def test_a_fold_that_is_no_function_of_the_entries_is_found(tmp_path: Path) -> None:
    from_zero = iter(Text(str(n)) for n in itertools.count())
    one = ledger("n1", path=tmp_path / "journal.db")
    write(one, "line", "n")
    one.close()
    fold = next(fold for fold in one._folds if fold.cls == "note")
    fickle = type(fold)(cls="note", start=fold.start, step=lambda _state, _entry: next(from_zero))
    assert compare(tmp_path / "journal.db", [fickle]).differs == (("note", "n"),)


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tmp_path, None) == 2
    assert main(tmp_path, tmp_path / "none.db") == 2
    one = ledger("n1", path=tmp_path / "journal.db")
    write(one, "line", "n")
    one.close()
    store = Store(tmp_path / "journal.db")
    store.open()
    store.connection.execute("UPDATE entry SET received_ns = received_ns + 1 WHERE position = 2")
    store.close()
    assert main(tmp_path, tmp_path / "journal.db") == 2
    assert "entry 2" in capsys.readouterr().err
