"""Scenes in turn, of a replay and by rule: taken, refused, gone back from; a rule's scene is there exactly once."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api import LIVE, Scene, Text, Wall
from console.model.errors import JournalError
from console.node.access.actions import Action
from console.node.access.first import STANDARD_ROLES
from console.node.act import Act
from console.node.acts.incident_forms import Around, decide
from console.node.acts.incidents import _also
from console.node.acts.numbers import Numbers
from console.node.acts.scene_rules import Watched
from console.node.acts.walls import decide as decide_wall
from console.node.acts.walls import wall_of
from console.node.intents import Written, _write
from console.node.journal.folds import FOLDS, SceneAct
from console.node.journal.ledger import Ledger
from console.node.journal.store import Store
from console.node.refusals import Refusals
from console.rules.elapsed import Mark
from console.wire.frames import Intent
from tests.unit.node.acts.room import Room, room
from tests.unit.node.acts.test_walls import SCENE, W, scene
from tests.unit.node.journal.ledgers import Wall as Clock
from tests.unit.node.journal.ledgers import key

FULL = {"place": "沣东路口", "nature": "燃气泄漏", "reported_by": "市民", "verified_by": "王强"}


def rule(id_: str, grade: int, name: str = "storm", **more: Any) -> dict[str, Any]:
    return {"rule": id_, "grade": grade, **scene(name), **more}


async def settled(one: Room) -> None:
    """Screens are told of walls as the journal has them."""
    assert one.journal is not None
    meant = {view.id: wall_of(view.state, simulated=True) for view in await one.journal.views("wall")}
    async with asyncio.timeout(30):
        while one.hub.entities.get("wall", {}) != meant:
            await asyncio.sleep(0.002)


def on_wall(one: Room) -> Scene:
    """The scene that stands."""
    found = one.shown(Wall, W).scene
    assert found is not None
    return found


async def report(one: Room, id_: str, grade: int = 0, title: str = "燃气泄漏", area: str = "town.east") -> None:
    given = {"grade": grade} if grade else {}
    await one.saved("incident.report", id_, "li", title=title, area=area, **FULL, **given)
    await settled(one)


async def grade(one: Room, id_: str, value: int) -> None:
    await one.saved("incident.grade", id_, "li", value=value, reason="升级")
    await settled(one)


async def test_scenes_take_turns_and_show_a_replay_over_a_restart(tmp_path: Path) -> None:
    turns = [SCENE.replace("storm", name) for name in ("a", "b")]
    async with room(tmp_path) as one:
        await one.saved("wall.take", W, "li", **scene("normal"), turns=turns, every_s=30)
        await one.saved("wall.take", W, "li", **scene("storm"), context="replay:7K3P")
        wall = one.shown(Wall, W)
        assert wall.scene is not None
        assert (wall.scene.turns, wall.scene.context) == ((), "replay:7K3P")
    async with room(tmp_path, one.clocks) as two:
        await two.saved("wall.back", W, "li")
        back = two.shown(Wall, W).scene
        assert back is not None
        assert (back.turns, back.every_s, back.context) == (tuple(turns), 30, LIVE), "back to live is one act"


async def test_turns_and_replays_that_cannot_be_are_refused(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        one_more = {"turns": [SCENE], "every_s": 4}
        assert "至少 5 秒" in await one.refused("wall.take", W, "li", **scene("storm"), **one_more)
        assert "至少 5 秒" in await one.refused("wall.take", W, "li", **scene("storm"), every_s=30)
        desk = SCENE.replace("wall", "desk")
        assert "应为 wall" in await one.refused("wall.take", W, "li", **scene("storm"), turns=[desk], every_s=30)
        most = {"turns": [SCENE] * 13, "every_s": 10}
        assert "不超过 12" in await one.refused("wall.take", W, "li", **scene("storm"), **most)
        long = {"turns": [SCENE + "#" * 16_384], "every_s": 10}
        said = await one.refused("wall.take", W, "li", **scene("storm"), **long)
        assert "减少轮播场景" in said and "fewer scenes in turn" in said and "附件" not in said
        for context in ("drill:x", "replay:", "replay:a b"):
            assert "回放短名" in await one.refused("wall.take", W, "li", **scene("storm"), context=context)


def test_an_act_of_before_turns_and_rules_reads_as_it_did_and_new_ones_without_them_are_the_same_bytes() -> None:
    old = {"layout": SCENE, "title": ["场景", "Scene"], "subject": "incident:a", "fade": True}
    read = msgspec.convert(old, SceneAct)
    assert (read.turns, read.every_s, read.context, read.rule) == ((), 0, LIVE, "")
    assert msgspec.msgpack.encode(read) == msgspec.msgpack.encode(old)


async def test_a_rule_puts_its_scene_on_the_wall_once_over_restarts_and_acts_sent_again(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await report(one, "old", grade=1)
        await one.saved("wall.rule", W, "chief", **rule("grave", 2))
        wall = one.shown(Wall, W)
        assert (wall.rules[0].id, wall.rules[0].by, wall.scene, wall.controller) == ("grave", "chief", None, "")
        await report(one, "i1", grade=3)
        assert one.shown(Wall, W).scene is None
        await one.saved("incident.grade", "i1", "li", value=2, reason="升级", id="g2")
        await settled(one)
        taken = one.shown(Wall, W)
        assert taken.scene is not None
        assert (taken.scene.rule, taken.scene.by, taken.scene.subject) == ("grave", "chief", "incident:i1")
        assert (taken.scene.layout, taken.controller) == (SCENE, ""), "a rule takes no control"
        await one.saved("incident.grade", "i1", "li", value=2, reason="升级", id="g2")
        await grade(one, "i1", 1)
    for _ in range(2):
        async with room(tmp_path, one.clocks) as again:
            await again.saved("incident.grade", "i1", "li", value=2, reason="升级", id="g2")
            await settled(again)
            assert again.shown(Wall, W) == taken
            kinds = [(e.header.kind, e.header.actor) for e in await again.entries() if e.header.cls == "wall"]
            assert kinds == [("wall.rule", "chief"), ("wall.take", "chief")]


async def test_a_rules_scene_is_gone_back_from_as_any_other_and_a_rule_taken_off_puts_none(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("wall.take", W, "wang", **scene("normal"))
        await one.saved("wall.rule", W, "chief", **rule("grave", 2))
        await report(one, "i1", grade=2)
        wall = one.shown(Wall, W)
        assert wall.scene is not None
        assert (wall.scene.rule, wall.controller, wall.before.zh) == ("grave", "wang", "场景normal")
        await one.saved("wall.back", W, "wang")
        assert one.shown(Wall, W).scene == msgspec.structs.replace(
            wall.scene, number=3, title=Text("场景normal", "normal"), layout=SCENE.replace("storm", "normal"),
            by="wang", rule="", subject="", t_ns=on_wall(one).t_ns,
        )  # fmt: skip
        await one.saved("wall.rule_off", W, "chief", rule="grave")
        assert one.shown(Wall, W).rules == ()
        await report(one, "i2", grade=1)
        assert on_wall(one).rule == ""
        assert "没有规则" in await one.refused("wall.rule_off", W, "chief", rule="grave")


async def test_a_rule_that_yielded_comes_when_its_incident_is_the_graver(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("wall.rule", W, "chief", **rule("grave", 3))
        await report(one, "i1", grade=2)
        await report(one, "i2", grade=3)
        assert on_wall(one).subject == "incident:i1"
        await grade(one, "i2", 1)
        shown = one.shown(Wall, W).scene
        assert shown is not None
        assert (shown.subject, shown.number) == ("incident:i2", 2)


async def test_a_rule_is_of_its_area_and_natures(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("wall.take", W, "chief", **scene("normal"), area="town.east")
        await one.saved("wall.rule", W, "chief", **rule("gas", 3, "hazmat", natures=["燃气", "危化"]))
        await report(one, "far", grade=1, area="town")
        await report(one, "wet", grade=1, title="积水")
        await one.saved("wall.rule_off", W, "chief", rule="gas")
        await one.saved("wall.rule", W, "chief", **rule("gas", 3, "hazmat", natures=["积水"]))
        assert on_wall(one).number == 2


async def test_a_rule_whose_setter_may_set_none_any_more_yields_to_the_next_and_that_is_said(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("wall.rule", W, "chief", **rule("grave", 1))
        await one.saved("wall.rule", W, "deputy", **rule("less", 3, "normal"))
        await one.journalled.tick()
        assert not one.hub.notices
        one.barred["chief"] = Text("没有此项权限", "no role gives this")
        await one.journalled.tick()
        (notice,) = one.hub.notices.values()
        assert "“场景storm”（chief：没有此项权限）" in notice.summary.zh and "deputy" not in notice.summary.zh
        assert "'storm' (chief: no role gives this)" in notice.summary.en and notice.about == (f"wall:{W}",)
        await report(one, "i1", grade=1)
        assert (on_wall(one).rule, on_wall(one).by) == ("less", "deputy")
        one.barred.clear()
        await one.journalled.tick()
        assert not [notice for notice in one.hub.notices.values() if notice.about == (f"wall:{W}",)]
        await report(one, "i2", grade=1)
        assert (on_wall(one).rule, on_wall(one).by) == ("grave", "chief")


async def test_rules_are_the_commanders_and_not_the_duty_officers_to_set(tmp_path: Path) -> None:
    holders = {role.id for role in STANDARD_ROLES if Action.WALL_RULE in role.allow[0].actions}
    assert holders == {"commander"}
    async with room(tmp_path) as one:
        for name, action in (("wall.rule", "wall.rule"), ("wall.rule_off", "wall.rule"), ("wall.take", "wall.take")):
            asked = one.intents.asked(Intent(id="x", name=name, entity=W))
            assert asked is not None and asked.action.value == action


async def test_rules_that_cannot_be_are_refused(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        assert "1 至 4" in await one.refused("wall.rule", W, "chief", **rule("r", 5))
        assert "不是布局" in await one.refused("wall.rule", W, "chief", rule="r", grade=2, layout="= =", title_zh="坏")
        for number in range(12):
            await one.saved("wall.rule", W, "chief", **rule(f"r{number}", 2))
        await one.saved("wall.rule", W, "chief", **rule("r3", 1))
        assert "已有 12 条" in await one.refused("wall.rule", W, "chief", **rule("late", 2))


# ------------------------------------------------------------------ exactly once, whatever comes between

PEOPLE = ("chief", "wang")
step = st.one_of(
    st.tuples(st.just("grade"), st.sampled_from(("a", "b")), st.integers(1, 4)),
    st.tuples(st.just("rule"), st.sampled_from(("r1", "r2")), st.integers(1, 4)),
    st.tuples(st.just("rule_off"), st.sampled_from(("r1", "r2")), st.just(0)),
    st.tuples(st.just("take"), st.sampled_from(PEOPLE), st.sampled_from(("", "a", "b"))),
    st.tuples(st.just("give"), st.sampled_from(PEOPLE), st.just(0)),
    st.tuples(st.just("restart"), st.just(""), st.just(0)),
    st.tuples(st.just("again"), st.just(""), st.just(0)),
)


class Journal:
    """A journal on disk that takes acts as the node's writer does, and can be opened anew."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.file, self.numbers = Clock(), folder / "journal.db", Numbers()
        self.ledger = self._opened()
        self.sent: list[Intent] = []

    def _opened(self) -> Ledger:
        # no power is lost here: what a process wrote is there for the next one
        opened = Ledger(Store(self.file, synchronous="OFF"), "n1", key(), FOLDS, now_ns=self.clock)
        opened.open()
        return opened

    def restart(self) -> None:
        self.ledger.close()
        self.ledger = self._opened()

    def act(self, name: str, entity: str, actor: str, **arguments: Any) -> Written:
        intent = Intent(id=f"x{len(self.sent)}", name=name, entity=entity, actor=actor, arguments=arguments)
        self.sent.append(intent)
        return self.send(intent)

    def send(self, intent: Intent) -> Written:
        if intent.name.startswith("wall."):
            act = Act("wall", lambda _i: {}, decide_wall, lambda _i, _v: None)
            facts: Any = {}
        else:
            decided = partial(decide, numbers=self.numbers)
            act = Act("incident", lambda _i: None, decided, lambda _i, _v: None, also=_also)
            facts = Around(Mark(boot="boot", boot_ns=1, wall_ns=self.clock()), {}, lambda _f: True, simulated=False)
            facts = facts._replace(walls=Watched({}, {W: 0}))
        written = _write(intent, act, facts, Refusals(), self.ledger)
        self.ledger.commit()
        return written

    def by_rule(self) -> list[tuple[str, str]]:
        """What rules put on the wall, as the entries say: rule, incident."""
        entries = [e for e in self.ledger.store.of_entity("wall", W) if e.header.kind == "wall.take"]
        acts = [e.act(SceneAct) for e in sorted(entries, key=lambda e: e.position)]
        return [(act.rule, act.subject.removeprefix("incident:")) for act in acts if act.rule]


class Model:
    """The same in few words, without a journal."""

    def __init__(self) -> None:
        self.rules: dict[str, tuple[int, str]] = {}
        self.grades: dict[str, int] = {"a": 4, "b": 4}
        self.controller, self.subject = "", ""
        self.put: list[tuple[str, str]] = []

    def grade(self, id_: str, value: int) -> None:
        before, self.grades[id_] = self.grades[id_], value
        found = sorted((g, r) for r, (g, _) in self.rules.items() if value <= g and value < before)
        if not found or (before <= found[0][0] and self.subject == id_):
            return
        shown = self.grades.get(self.subject, 0)
        foreign = self.controller not in ("", self.rules[found[0][1]][1])
        if shown and (shown < value or (foreign and shown == value)):
            return
        self.put.append((found[0][1], id_))
        self.subject = id_


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=14))
def test_each_time_a_rule_is_reached_its_scene_is_there_exactly_once(steps: list[tuple[str, str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal, model = Journal(Path(folder)), Model()
        for id_ in ("a", "b"):
            journal.act("incident.report", id_, "li", title="事", grade=4, **FULL)
        for what, who, value in steps:
            match what:
                case "grade":
                    if journal.act("incident.grade", who, "li", value=value, reason="x").kind == "incident.grade":
                        model.grade(who, value)
                case "rule":
                    journal.act("wall.rule", W, "chief", **rule(who, value))
                    model.rules[who] = (value, "chief")
                case "rule_off":
                    journal.act("wall.rule_off", W, "chief", rule=who)
                    model.rules.pop(who, None)
                case "take":
                    subject = {"subject": f"incident:{value}"} if value else {}
                    if journal.act("wall.take", W, who, **scene("normal"), **subject).kind == "wall.take":
                        model.controller, model.subject = who, value
                case "give":
                    if journal.act("wall.give", W, who).kind == "wall.give":
                        model.controller = ""
                case "restart":
                    journal.restart()
                case _:
                    for intent in journal.sent:
                        journal.send(intent)
            assert journal.by_rule() == model.put
        view = journal.ledger.projections.view("wall", W)
        assert not view.contested and not view.conflict
        journal.ledger.close()


def test_of_a_disk_that_is_full_neither_the_grade_nor_its_scene_stays_and_later_both_come_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.act("incident.report", "a", "li", title="事", grade=4, **FULL)
    journal.act("wall.rule", W, "chief", **rule("r1", 2))

    def full(_store: Store) -> None:
        raise JournalError("full", "no room")

    with monkeypatch.context() as filled:
        filled.setattr(Store, "commit", full)
        with pytest.raises(JournalError):
            journal.act("incident.grade", "a", "li", value=1, reason="x")
    assert journal.by_rule() == []
    assert journal.ledger.projections.view("wall", W).state.scenes == ()
    assert journal.ledger.projections.view("incident", "a").state.facts.grade == 4
    for _ in range(2):
        journal.send(journal.sent[-1])
        assert journal.by_rule() == [("r1", "a")]
    journal.ledger.close()
