"""What persons do to hazards: the whole loop with its re-inspections, and every row of its table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.api import Board, Hazard, HazardPhase
from console.node.access.actions import Action
from console.rules.hazard import TRANSITIONS, HazardAct
from console.wire.frames import Intent
from tests.unit.node.acts.room import MIN, START_NS, Room, room

NEEDS: dict[HazardAct, dict[str, Any]] = {
    HazardAct.ASSESS: {"severity": 2},
    HazardAct.ASSIGN: {"to": "某厂", "due_ns": START_NS},
    HazardAct.MEND: {"text": "已更换"},
    HazardAct.PASS: {},
    HazardAct.FAIL: {"reason": "仍有渗漏"},
    HazardAct.CLOSE: {},
    HazardAct.REOPEN: {"reason": "又发现"},
    HazardAct.DISMISS: {"reason": "误看"},
}
WAYS = {
    HazardPhase.FOUND: (),
    HazardPhase.ASSESSED: (HazardAct.ASSESS,),
    HazardPhase.ASSIGNED: (HazardAct.ASSESS, HazardAct.ASSIGN),
    HazardPhase.MENDED: (HazardAct.ASSESS, HazardAct.ASSIGN, HazardAct.MEND),
    HazardPhase.VERIFIED: (HazardAct.ASSESS, HazardAct.ASSIGN, HazardAct.MEND, HazardAct.PASS),
    HazardPhase.CLOSED: (HazardAct.ASSESS, HazardAct.ASSIGN, HazardAct.MEND, HazardAct.PASS, HazardAct.CLOSE),
}


async def led_to(one: Room, id_: str, phase: HazardPhase) -> None:
    """A hazard as it stands after the shortest way to a phase; who mends is not who inspects."""
    await one.saved("hazard.find", id_, title="阀门锈蚀", area="town.east")
    for act in WAYS[phase]:
        actor = "维修工" if act is HazardAct.MEND else "李卫国"
        await one.saved(f"hazard.{act.value}", id_, actor, **NEEDS[act])


async def test_every_act_in_every_phase_is_saved_or_refused_as_the_table_says_and_screens_know_before(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as one:
        for phase in HazardPhase:
            for act in HazardAct:
                id_, name = f"{phase.value}-{act.value}", f"hazard.{act.value}"
                await led_to(one, id_, phase)
                target = TRANSITIONS.get((phase, act))
                assert (name in {known.name for known in one.shown(Hazard, id_).possible}) is (target is not None)
                if target is None:
                    assert "隐患规则" in await one.refused(name, id_, **NEEDS[act])
                    target = phase
                else:
                    await one.saved(name, id_, **NEEDS[act])
                assert one.shown(Hazard, id_).phase is target


async def test_the_loop_closes_only_over_another_persons_inspection_and_a_restart_keeps_it(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        photo = one.hub.keep_file(b"a photo")
        assert "附件" in await one.refused("hazard.find", "h", title="锈蚀", sha256s=["1" * 64])
        await one.saved("hazard.find", "h", title="锈蚀", place="二厂", area="town.east", sha256s=[photo])
        assert "级别" in await one.refused("hazard.assess", "h", severity=3)
        await one.saved("hazard.assess", "h", severity=1)
        assert "由谁整改" in await one.refused("hazard.assign", "h")
        await one.saved("hazard.assign", "h", to="某厂", due_ns=START_NS)
        await one.saved("hazard.mend", "h", "维修工")
        assert "由 维修工 整改" in await one.refused("hazard.pass", "h", "维修工")
        assert "未知参数 by" in await one.refused("hazard.pass", "h", "维修工", by="别人")
        assert "理由" in await one.refused("hazard.fail", "h")
        await one.saved("hazard.fail", "h", reason="仍渗漏")
        await one.saved("hazard.mend", "h", "维修工")
        await one.saved("hazard.pass", "h", sha256s=[photo])
        one.clocks.pass_(1)
        await one.saved("hazard.close", "h")
        before = one.shown(Hazard, "h")
        assert (before.severity, before.assigned_to, before.due_ns, before.photos) == (
            1,
            "某厂",
            START_NS,
            (photo,) * 2,
        )
        assert [line.ref for line in before.timeline][-3:] == ["hazard.mend", "hazard.pass", "hazard.close"]
        assert before.closed_ns - before.found_ns == MIN
    async with room(tmp_path, one.clocks) as two:
        assert two.shown(Hazard, "h") == before


async def test_an_unseen_step_of_another_is_a_conflict_and_a_line_is_none(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        seen = (await one.saved("hazard.find", "h", title="锈蚀", area="town", board="public")).heads
        await one.saved("hazard.tell", "h", "王芳", text="已拍照", heads=seen)
        await one.saved("hazard.assess", "h", "王芳", severity=2, heads=seen)
        answer = await one.act("hazard.dismiss", "h", "李卫国", reason="误看", heads=seen)
        assert (answer.state, len(answer.versions)) == ("conflict", 2)
        assert "王芳 已评估" in answer.reason.zh
        asked = one.intents.asked(Intent(id="i", name="hazard.pass", entity="h"))
        assert asked is not None
        assert (asked.action, asked.area, asked.board) == (Action.HAZARD_INSPECT, "town", Board.PUBLIC)


async def test_what_was_no_hazard_is_not_called_struck_off(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        seen = (await one.saved("hazard.find", "h", title="锈蚀", area="town", board="public")).heads
        await one.saved("hazard.dismiss", "h", "王芳", reason="误看", heads=seen)
        shown = one.shown(Hazard, "h")
        assert (shown.standing.zh, shown.standing.of("en")) == ("误报，不成立", "No hazard after all")
