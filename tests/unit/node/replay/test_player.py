"""A replay as its readers see it: what comes when, and that nothing of before a jump comes after it."""

from __future__ import annotations

import asyncio

import pytest

from console.api import (
    ENTITY_CLASSES,
    NS,
    Alarm,
    Area,
    RefusedError,
    Selector,
    Sensor,
)
from console.node.outbox import Outbox
from console.node.replay.acts import NothingStored
from console.wire.codec import decode_down
from console.wire.frames import Batch, Entities, Gap, Message, Replay, ReplayState
from tests.unit.node.replay.stages import CONTEXT, Stage, T


@pytest.fixture
def stage() -> Stage:
    """Two sensors at 1 Hz for 100 s, entities from before."""
    stage = Stage()
    stage.archive.record(T - NS, Area(id="root"))
    for id_ in ("x", "y"):
        stage.archive.record(T - NS, Sensor(id=id_, area="root", kind=id_))
    for second in range(100):
        stage.archive.put("x", T + second * NS, float(second), q=second % 3)
        stage.archive.put("y", T + second * NS + NS // 2, float(-second))
    return stage


# ---------------------------------------------------------------- playing


async def test_samples_come_when_their_time_comes(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe()
    await stage.after(3.2)
    # the newest of before, then each at its time
    assert stage.times("x") == [10, 11, 12, 13]
    assert stage.times("y") == [9.5, 10.5, 11.5, 12.5]
    assert stage.player.now_ns() == T + 10 * NS + 3_200_000_000


@pytest.mark.parametrize("speed", [0.1, 1.0, 7.3, 100.0])
async def test_at_every_speed_each_sample_comes_once_in_order_as_it_was_stored(stage: Stage, speed: float) -> None:
    await stage.open(T + 10 * NS)
    await stage.act("speed", speed=speed)
    stage.subscribe()
    await stage.settle()
    await stage.after(min(30 / speed, 30))
    now = stage.player.now_ns()
    for id_ in ("x", "y"):
        came = [(t, v, q) for name, t, v, q in stage.samples() if name == id_]
        stored = [row for row in stage.archive.of(id_) if row[0] <= now]
        assert came == stored[len(stored) - len(came) :]
        assert came[0][0] <= T + 10 * NS < came[1][0]


async def test_reads_that_are_cut_short_lose_and_double_nothing(stage: Stage) -> None:
    stage.archive.limit = 3
    await stage.open(T + NS)
    await stage.act("speed", speed=100.0)
    stage.subscribe()
    await stage.settle()
    await stage.after(2)
    assert stage.times("x") == list(range(1, 100))


async def test_what_is_subscribed_while_it_plays_begins_with_its_last_sample(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe(ids=("x",))
    await stage.after(5.3)
    stage.subscribe(ids=("y",))
    await stage.after(3)
    assert stage.times("x") == list(range(10, 19))
    assert stage.times("y") == [14.5, 15.5, 16.5, 17.5]


async def test_what_was_unsubscribed_and_comes_again_is_not_told_twice(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    feed = stage.subscribe(ids=("x",))
    await stage.after(2.2)
    stage.player.hub.unsubscribe(stage.outbox, feed)
    await stage.after(2)
    began = len(stage.messages)
    stage.subscribe(ids=("x",))
    await stage.after(2)
    again = [(t - T) / NS for _, t, _, _ in stage.samples(stage.messages[began:])]
    assert again[-3:] == [14, 15, 16]
    assert again == sorted(set(again))


async def test_pause_holds_the_time_and_play_goes_on_from_there(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe(ids=("x",))
    await stage.after(2.5)
    await stage.act("pause")
    await stage.after(60)
    assert stage.player.now_ns() == T + 12_500_000_000
    assert stage.times("x") == [10, 11, 12]
    await stage.act("play")
    await stage.after(1)
    assert stage.times("x") == [10, 11, 12, 13]


async def test_it_pauses_at_the_end_of_what_is_stored_and_says_so(stage: Stage) -> None:
    await stage.open(T + 98 * NS)
    stage.subscribe()
    await stage.after(5)
    last = stage.states()[-1]
    assert not last.playing
    assert last.at_ns == last.to_ns == T + 99 * NS + NS // 2
    assert stage.times("y")[-1] == 99.5
    await stage.act("play")
    assert not stage.states()[-1].playing


async def test_what_is_stored_meanwhile_is_played_too(stage: Stage) -> None:
    await stage.open(T + 98 * NS)
    stage.subscribe(ids=("x",))
    await stage.after(1)
    for second in range(100, 110):
        stage.archive.put("x", T + second * NS, float(second))
    await stage.after(5.2)
    assert stage.times("x") == [98, 99, 100, 101, 102, 103, 104]


async def test_it_ends_at_now_whatever_a_wrong_clock_claimed(stage: Stage) -> None:
    stage.live.clock = lambda: T + 50 * NS
    stage.archive.put("x", T + 500_000 * NS, 1.0)
    await stage.open(T + 1_000 * NS)
    assert stage.states()[-1].to_ns == T + 49 * NS
    assert stage.player.now_ns() <= T + 49 * NS


# ---------------------------------------------------------------- jumps


async def test_after_a_jump_comes_its_state_then_entities_then_samples_of_the_new_time_only(stage: Stage) -> None:
    stage.archive.record(T + 50 * NS, Alarm(id="later", priority=1))
    await stage.open(T + 60 * NS)
    stage.subscribe()
    await stage.after(3)
    for at in (20, 80):
        began, jump = len(stage.messages), stage.states()[-1].jump
        await stage.act("seek", T + at * NS)
        await stage.settle()
        await stage.after(2)
        after = stage.messages[began:]
        first = next(i for i, m in enumerate(after) if isinstance(m, ReplayState) and m.jump == jump + 1)
        assert all(isinstance(message, ReplayState) for message in after[: first + 1])
        kinds = [type(message) for message in after[first + 1 :] if not isinstance(message, ReplayState)]
        assert kinds.index(Batch) > max(i for i, kind in enumerate(kinds) if kind is Entities)
        assert [(t - T) / NS for name, t, _, _ in stage.samples(after) if name == "x"] == [at, at + 1, at + 2]
        alarms = {m.cls: m for m in after if isinstance(m, Entities) and m.full}["alarm"]
        assert len(alarms.put) == (at == 80)


async def test_alarms_come_and_go_with_the_log_and_are_not_judged_anew(stage: Stage) -> None:
    stage.archive.record(T - NS, Sensor(id="x", kind="x"))
    stage.archive.record(T + 12 * NS, Alarm(id="a", priority=1))
    stage.archive.drop(T + 14 * NS, Alarm, "a")
    await stage.open(T + 10 * NS)
    stage.subscribe()
    alarms = stage.player.hub.entities.setdefault("alarm", {})
    await stage.after(1.5)
    assert not alarms
    await stage.after(1)
    assert set(alarms) == {"a"}
    await stage.after(2)
    assert not alarms


async def test_a_seek_while_paused_stays_paused_and_shows_the_last_samples_of_then(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe(ids=("x",))
    await stage.after(1)
    await stage.act("pause")
    await stage.act("seek", T + 42 * NS + 1)
    await stage.after(5)
    assert stage.times("x")[-1] == 42
    assert stage.states()[-1].at_ns == T + 42 * NS + 1
    assert not stage.states()[-1].playing


async def test_a_time_that_is_not_stored_is_the_nearest_that_is(stage: Stage) -> None:
    await stage.open(5)
    assert stage.player.now_ns() == T
    await stage.act("pause")
    await stage.act("seek", T + 10**6 * NS)
    assert stage.player.now_ns() == T + 99 * NS + NS // 2


async def test_a_slow_reader_gets_nothing_of_before_after_the_jump(stage: Stage) -> None:
    held: list[bytes] = []
    slow = Outbox(lambda data: False)
    await stage.open(T + 10 * NS)
    stage.player.enter(slow)
    stage.player.hub.join(slow)
    stage.player.hub.subscribe(slow, Selector(ids=("x",)), "every")
    stage.player.hub.subscribe(slow, Selector(), "latest")
    await stage.after(5)
    await stage.act("seek", T + 60 * NS)
    await stage.after(2)

    async def gather(data: bytes) -> None:
        held.append(data)

    draining = asyncio.get_running_loop().create_task(slow.drain(gather))
    for _ in range(1000):
        await asyncio.sleep(0)
        if not slow.queued_bytes:
            break
    draining.cancel()
    messages = [decode_down(data) for data in held]
    jump = stage.states()[-1].jump
    at = next(i for i, message in enumerate(messages) if isinstance(message, ReplayState) and message.jump == jump)
    assert not any(isinstance(message, Gap) for message in messages)
    late = [t for _, t, _, _ in stage.samples([m for m in messages[at:] if isinstance(m, Message)])]
    assert late
    assert min(late) >= T + 59 * NS


async def test_seeks_that_wait_together_are_one(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    jump = stage.states()[-1].jump
    asked = [
        asyncio.ensure_future(stage.player.ask(Replay(req=1, context=CONTEXT, op="seek", at_ns=T + at * NS)))
        for at in (20, 30, 40)
    ]
    await asyncio.sleep(0)
    await stage.settle()
    await asyncio.gather(*asked)
    assert stage.states()[-1].jump == jump + 1
    assert stage.player.now_ns() == T + 40 * NS


# ---------------------------------------------------------------- steps


async def test_a_step_goes_to_the_next_sample_that_is_subscribed(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe(ids=("x",))
    for at in (11, 12, 13):
        await stage.act("step")
        assert stage.player.now_ns() == T + at * NS
        assert not stage.states()[-1].playing
    assert stage.times("x") == [10, 11, 12, 13]


async def test_a_step_jumps_over_a_hole_of_months(stage: Stage) -> None:
    far = 100 * 86_400
    stage.live.clock = lambda: T + 2 * far * NS
    stage.archive.put("x", T + far * NS, 7.0)
    await stage.open(T + 98 * NS)
    stage.subscribe(ids=("x",))
    await stage.act("step")
    await stage.act("step")
    assert stage.player.now_ns() == T + far * NS
    assert stage.samples()[-1][2] == 7.0
    await stage.act("step")
    assert stage.player.now_ns() == T + far * NS


async def test_a_step_of_a_reader_who_subscribes_nothing_goes_nowhere(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    await stage.act("step")
    assert stage.player.now_ns() == T + 10 * NS


async def test_a_step_takes_what_was_just_subscribed_into_account(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe(ids=("x",))
    await stage.act("pause")
    await stage.settle()
    stage.subscribe(ids=("y",))
    await stage.act("step")
    assert stage.player.now_ns() == T + 10 * NS + NS // 2
    assert stage.times("y") == [9.5, 10.5]


# ---------------------------------------------------------------- entities on the way


async def test_a_sensor_that_comes_on_the_way_is_shown_from_its_first_sample(stage: Stage) -> None:
    stage.archive.record(T + 12 * NS, Sensor(id="new", kind="x"))
    for at in range(120, 160):
        stage.archive.put("new", T + at * NS // 10, float(at))
    await stage.open(T + 10 * NS)
    await stage.act("speed", speed=10.0)
    stage.subscribe(kinds=("x",))
    await stage.after(1)
    assert stage.times("new") == [at / 10 for at in range(120, 160)]


async def test_samples_of_before_a_sensor_was_dropped_still_come(stage: Stage) -> None:
    stage.archive.drop(T + 12 * NS + NS // 10, Sensor, "x")
    await stage.open(T + 10 * NS)
    await stage.act("speed", speed=100.0)
    stage.subscribe(ids=("x",))
    await stage.settle()
    await stage.after(0.2)
    assert stage.times("x") == [10, 11, 12]


async def test_where_the_node_began_anew_alarms_of_before_are_gone_and_the_city_stands(stage: Stage) -> None:
    stage.live.put("s", [Sensor(id="x", area="root", kind="x"), Area(id="root")])
    stage.archive.record(T + NS, Alarm(id="a", priority=1))
    stage.archive.changes.append((T + 12 * NS, "", "", None))
    await stage.open(T + 10 * NS)
    stage.subscribe(ids=("x",))
    await stage.after(3)
    hub = stage.player.hub
    assert not hub.entities["alarm"]
    assert set(hub.entities["sensor"]) == {"x"}
    assert stage.times("x") == [10, 11, 12, 13]


# ---------------------------------------------------------------- readers


async def test_all_who_share_a_replay_are_told_the_same(stage: Stage) -> None:
    told: list[bytes] = []

    def keep(data: bytes) -> bool:
        told.append(data)
        return True

    other = Outbox(keep)
    await stage.open(T + 10 * NS)
    stage.player.enter(other)
    assert stage.states()[-1].readers == 2
    began = len(stage.messages)
    await stage.act("pause")
    await stage.act("speed", speed=2.0)
    await stage.act("play")
    await stage.after(3)
    assert [decode_down(data) for data in told] == [m for m in stage.messages[began:] if isinstance(m, ReplayState)]
    stage.player.leave(other)
    assert stage.states()[-1].readers == 1


async def test_without_readers_the_time_stands(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe()
    await stage.after(2)
    stage.player.leave(stage.outbox)
    await stage.after(10)
    assert stage.player.now_ns() == T + 12 * NS
    assert stage.times("x") == [10, 11, 12]


async def test_what_waits_is_bounded_however_much_there_is_to_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.node.replay.player.AHEAD_BYTES", 200)
    stage.archive.limit = 5
    await stage.open(T + NS)
    await stage.act("speed", speed=100.0)
    stage.subscribe()
    await stage.settle()
    assert stage.player._ahead.bytes <= 200 + 5 * 21
    await stage.after(5)
    assert stage.times("x") == list(range(1, 100))


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(("op", "speed"), [("rewind", 1.0), ("speed", 1000.0), ("speed", float("nan"))])
async def test_what_is_no_act_is_refused_and_changes_nothing(stage: Stage, op: str, speed: float) -> None:
    await stage.open(T + 10 * NS)
    before = stage.player.state()
    with pytest.raises(RefusedError):
        await stage.act(op, speed=speed)
    assert stage.player.state() == before


async def test_an_empty_store_says_so() -> None:
    with pytest.raises(NothingStored):
        await Stage().act("open", T)


async def test_a_store_that_fails_holds_the_time_says_so_and_is_read_again(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe()
    await stage.after(1)
    stage.archive.fails = OSError("disk")
    await stage.after(10)
    held = stage.player.now_ns()
    assert held < T + 16 * NS
    assert "replay:store" in stage.live.notices
    stage.archive.fails = None
    await stage.after(5)
    assert "replay:store" not in stage.live.notices
    assert stage.player.now_ns() > held
    x = stage.times("x")
    assert x == [float(at) for at in range(10, 10 + len(x))]


async def test_a_seek_that_fails_leaves_the_replay_where_it_was(stage: Stage) -> None:
    await stage.open(T + 10 * NS)
    stage.subscribe()
    await stage.after(1)
    stage.archive.fails = OSError("disk")
    before = stage.player.state()
    with pytest.raises(OSError, match="disk"):
        await stage.act("seek", T + 50 * NS)
    assert stage.player.state() == before
    stage.archive.fails = None
    await stage.after(3)
    assert stage.times("x") == [10, 11, 12, 13, 14]


async def test_every_class_can_be_replayed(stage: Stage) -> None:
    for cls in ENTITY_CLASSES.values():
        if cls is not Alarm:
            stage.archive.record(T, cls(id="thing"))
    await stage.open(T + NS)
    assert all("thing" in stage.player.hub.entities[name] for name in ENTITY_CLASSES if name != Alarm.CLS)


async def test_a_loop_that_lags_at_full_speed_flags_no_clock(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.node.replay.showing.PIECE_ROWS", 100)
    for tenth in range(100 * 10, 400 * 10):
        stage.archive.put("x", T + tenth * NS // 10, 1.0)
    await stage.open(T + 100 * NS)
    await stage.act("speed", speed=100.0)
    stage.subscribe(ids=("x",))
    await stage.settle()
    stage.mono_ns += NS  # a hundred seconds are due, and while they are shown time runs on

    def running() -> int:
        stage.mono_ns += NS // 20
        return stage.mono_ns

    monkeypatch.setattr(stage.player, "_mono_ns", running)
    await stage.player.show()
    samples = stage.samples()
    assert len(samples) > 500
    assert {q for _, t, _, q in samples if t >= T + 100 * NS} == {0}
