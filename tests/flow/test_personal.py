"""Who phoned stands in the journal alone: no feed, wall, store or replay has it; who asks is judged and audited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from console.api import IncidentRecord, IntentState, RefusedError
from console.node.access.audit import AuditEntry
from console.node.journal.lines import Wanted, lines
from console.node.telemetry.store import Telemetry
from tests.flow.guarded import GuardedNode
from tests.flow.nodes import until
from tests.flow.raw import attacked, flushed, inside
from tests.flow.seats import child_node, seat, sources

PHONE = "029-3333 0011"
CALLER = f"严家渠水文站 {PHONE}"


def looked(node: GuardedNode) -> list[tuple[bool, str, str, str]]:
    """(allowed, by whom, of what, by which rule) of all who wanted to see personal data, once the node has ended."""
    entries = [e.act(AuditEntry) for e in node.entries() if e.header.kind == "access.view_personal"]
    return [(entry.ok, entry.person, entry.entity, entry.rule) for entry in entries]


async def test_an_officer_with_the_right_is_told_and_every_other_is_refused_and_all_stand_in_the_audit(
    tmp_path: Path,
) -> None:
    async with attacked(tmp_path) as node:
        async with inside(node, "wall-1") as wall, inside(node, "city") as watching:
            async with inside(node, "north") as north:
                saved = await north.act("incident.report", "i1", title="flood-1", area="north", reported_by=CALLER)
                assert saved["state"] == "saved"
                await flushed(node)
                await watching.settled()
                seen = [m["heads"]["i1"] for m in watching.all if "i1" in m.get("heads", {})][-1]
                facts = {"place": "x", "nature": "y", "verified_by": "z"}
                assert (await north.act("incident.verify", "i1", **facts))["state"] == "saved"
                assert (await north.act("incident.tell", "i1", text="line-2", reported_by=CALLER))["state"] == "saved"
                told = await north.ask(m="reveal", ref="incident:i1")
                assert told["m"] == "revealed"
                assert told["values"] == {"reported_by": CALLER}
                late = await watching.act("incident.dismiss", "i1", reason="no flood", heads=seen)
                assert late["state"] == "conflict"
                assert len(late["versions"]) == 2
                await flushed(node)
                await north.settled()
                assert north.said.count(PHONE.encode()) == 1, "the answer, and no entity"
                record = [m for m in north.all if m["m"] == "entities" and m["cls"] == IncidentRecord.CLS][-1]
                assert record["put"][-1]["personal"] == ["reported_by"]
                past = await north.ask(m="reveal", ref="incident:i1", context="replay:1")
                assert not past.get("values")
                assert "replay" in past["reason"][1]
                await north.say(m="lock")
                await north.hear("access")
                locked = await north.ask(m="reveal", ref="incident:i1")
                assert not locked.get("values")
            for who in ("south", "analyst", "wall-1"):
                async with inside(node, who) as other:
                    refused = await other.ask(m="reveal", ref="incident:i1")
                    assert refused["m"] == "revealed"
                    assert not refused.get("values")
                    assert refused["reason"][0]
                    assert PHONE.encode() not in other.said
            for one in (wall, watching):
                await one.settled()
                assert b"flood-1" in one.said
                assert b"line-2" in one.said
                assert PHONE.encode() not in one.said
    rows = looked(node)
    assert rows[0] == (True, "north", "incident:i1", rows[0][3])
    assert [(ok, who) for ok, who, *_ in rows] == [
        (True, "north"), (False, "north"), (False, "north"), (False, "south"), (False, "analyst"), (False, "wall-1"),
    ]  # fmt: skip
    assert rows[-1][3] == "view_only"
    connection = apsw.Connection(str(node.folder / "journal" / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    listed = [line for line in lines(connection, Wanted()) if line.kind == "access.view_personal"]
    connection.close()
    assert [(line.who, line.result) for line in listed] == [(who, "ok" if ok else "refused") for ok, who, *_ in rows], (
        "as `main.py audit list` and `audit export` say it"
    )
    assert not any(PHONE in line.act for line in listed)


async def test_a_node_that_was_killed_publishes_and_stores_no_personal_data_and_tells_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, state, said = sources(tmp_path / "sources"), tmp_path / "node", bytearray()
    async with child_node(state, config) as child, seat(tmp_path / "console", child.url) as one:
        read = one.desk.link._read

        def spied(data: Any) -> None:
            said.extend(data if isinstance(data, bytes) else data.encode())
            read(data)

        monkeypatch.setattr(one.desk.link, "_read", spied)
        await until(lambda: one.desk.link.status.up)
        answer = await one.desk.intent("incident.report", "i1", title="flood-1", reported_by=CALLER)
        assert answer.state is IntentState.SAVED

        def personal() -> tuple[str, ...]:
            one.desk.drain()
            return one.desk.entities(IncidentRecord).get("i1", IncidentRecord(id="")).personal

        await until(lambda: personal() == ("reported_by",))
        assert b"flood-1" in said
        assert PHONE.encode() not in said
        assert await one.desk.reveal("incident:i1") == {"reported_by": CALLER}
        with pytest.raises(RefusedError) as refused:
            await one.desk.reveal("incident:none")
        assert "没有此事件" in refused.value.zh
    store = Telemetry(state / "telemetry", on_notice=print, on_clear=print)
    await store.open()
    try:
        changes = await store.entity_changes(0, 1 << 62)
    finally:
        await store.close()
    kept = b"".join(raw for _, _, _, raw in changes if raw is not None)
    assert b"reported_by" in kept, "the store has the record, which says what there is to be asked for"
    assert PHONE.encode() not in kept
