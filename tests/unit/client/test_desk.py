"""The desk: interests of many panels become few subscriptions, and each panel is told only its own sensors."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Area, Board, ChannelKind, Entity, Selector, Sensor
from console.client.desk import Desk
from console.client.media import Media
from console.tasks import Tasks
from console.wire.codec import encode_value
from console.wire.frames import Entities, NoticeFrame


def put(desk: Desk, *entities: Entity) -> None:
    """The node tells of entities of one class."""
    raw = [encode_value(entity) for entity in entities]
    desk.replica.take_entities(Entities(seq=1, cls=entities[0].CLS, put=raw))


def asked(desk: Desk) -> list[tuple[Selector, str]]:
    """What the link asks the node for."""
    return [(wanted.selector, wanted.strategy) for wanted in desk.link.session.wanted.values()]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A desk without a node, that knows a small city."""
    tasks = Tasks()
    desk = Desk(tasks, media=Media(tasks))
    put(desk, Area(id="city"), Area(id="north", parent="city"), Area(id="old", parent="north"), Area(id="south"))
    put(
        desk,
        Sensor(id="gas-n", kind="gas", area="north"),
        Sensor(id="gas-o", kind="gas", area="old"),
        Sensor(id="rain-s", kind="rain", area="south", board=Board.NATURAL),
        Sensor(id="bus", kind="bus", area="old", channel=ChannelKind.POSITION, board=Board.PUBLIC),
    )
    desk.drain()
    yield desk
    await desk.close()
    await tasks.close()


async def test_equal_interests_share_one_subscription(desk: Desk) -> None:
    gas = Selector(kinds=("gas",))
    desk.interest("a", gas)
    desk.interest("b", gas, Selector(ids=("bus",)))
    assert sorted(asked(desk), key=repr) == sorted([(gas, "latest"), (Selector(ids=("bus",)), "latest")], key=repr)
    desk.release("a")
    assert len(asked(desk)) == 2
    desk.release("b")
    assert asked(desk) == []
    desk.release("b")


async def test_who_wants_everything_covers_the_others_of_the_same_strategy(desk: Desk) -> None:
    desk.interest("chart", Selector(ids=("bus",)))
    desk.interest("strip", Selector())
    desk.interest("recorder", Selector(ids=("bus",)), strategy="every")
    assert set(asked(desk)) == {(Selector(), "latest"), (Selector(ids=("bus",)), "every")}
    desk.release("strip")
    assert set(asked(desk)) == {(Selector(ids=("bus",)), "latest"), (Selector(ids=("bus",)), "every")}


async def test_changing_an_interest_keeps_what_stays(desk: Desk) -> None:
    desk.interest("a", Selector(kinds=("gas",)), Selector(kinds=("rain",)))
    kept = {number for number, wanted in desk.link.session.wanted.items() if wanted.selector.kinds == ("gas",)}
    desk.interest("a", Selector(kinds=("gas",)))
    assert set(desk.link.session.wanted) == kept


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), {"gas-n", "gas-o", "rain-s", "bus"}),
        (Selector(area="city"), {"gas-n", "gas-o", "bus"}),
        (Selector(area="old"), {"gas-o", "bus"}),
        (Selector(area="old", kinds=("gas",)), {"gas-o"}),
        (Selector(area="nowhere"), set()),
        (Selector(boards=(Board.NATURAL, Board.PUBLIC)), {"rain-s", "bus"}),
        (Selector(ids=("bus", "unknown")), {"bus"}),
        (Selector(ids=("bus",), kinds=("gas",)), set()),
        (Selector(channels=(ChannelKind.POSITION,)), {"bus"}),
    ],
)
async def test_a_selector_matches_its_sensors_and_no_other(desk: Desk, selector: Selector, expected: set[str]) -> None:
    desk.interest("panel", selector)
    assert desk.view.matches("panel") == expected


async def test_forty_thousand_ids_are_matched_at_once(desk: Desk) -> None:
    ids = [f"x{i}" for i in range(40_000)]
    put(desk, *(Sensor(id=id_) for id_ in ids))
    desk.interest("panel", Selector(ids=tuple(ids)))
    started = time.process_time()
    assert desk.view.matches("panel") == set(ids)
    assert time.process_time() - started < 2.0  # looked for one by one they take more than twice that


async def test_matches_follow_new_sensors_and_areas_and_end_with_the_owner(desk: Desk) -> None:
    desk.interest("panel", Selector(area="south"))
    assert desk.view.matches("panel") == {"rain-s"}
    put(desk, Sensor(id="new", area="shore"))
    put(desk, Area(id="shore", parent="south"))
    assert desk.drain()[0].entities == {"sensor", "area"}
    assert desk.view.matches("panel") == {"rain-s", "new"}
    desk.release("panel")
    assert desk.view.matches("panel") == frozenset()


@given(st.lists(st.sampled_from("abcdef"), min_size=6, max_size=6))
async def test_areas_that_are_each_other_s_parent_end_the_search(parents: list[str]) -> None:
    tasks = Tasks()
    desk = Desk(tasks, media=Media(tasks))
    put(desk, *(Area(id=id_, parent=parent) for id_, parent in zip("abcdef", parents, strict=True)))
    put(desk, *(Sensor(id=f"s{id_}", area=id_) for id_ in "abcdef"))
    desk.interest("panel", Selector(area="a"))

    def below(id_: str) -> bool:
        seen: set[str] = set()
        while id_ != "a" and id_ not in seen:
            seen.add(id_)
            id_ = parents["abcdef".index(id_)]
        return id_ == "a"

    assert desk.view.matches("panel") == {f"s{id_}" for id_ in "abcdef" if below(id_)}


async def test_a_notice_of_the_node_is_told_once(desk: Desk) -> None:
    told: list[int] = []
    desk.on_notices = lambda: told.append(len(desk.notices()))
    desk.replica.take_notice(NoticeFrame(key="k"))
    desk._link_changed()
    desk._link_changed()
    assert told == [1]


async def test_drain_tells_of_the_link_once_and_now_follows_the_node(desk: Desk) -> None:
    desk.link._set(up=True, offset_ms=-3_600_000.0)
    assert desk.drain()[0].link_changed
    assert not desk.drain()[0].link_changed
    assert abs(desk.now_ns - (time.time_ns() - 3600 * 10**9)) < 10**9
    assert desk.status.streams_known == 4
    assert desk.status.streams_live == 0
    assert not desk.status.streams_whole  # nobody asked: that none is live says nothing of the sources
    desk.interest("panel", Selector())
    assert desk.status.streams_whole


# ---------------------------------------------------------------- covered selectors


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (Selector(), Selector(ids=("gas-o",))),
        (Selector(area="north"), Selector(ids=("gas-n", "gas-o"))),
        (Selector(area="city"), Selector(area="old")),
        (Selector(area="city"), Selector(area="north", kinds=("gas",))),
        (Selector(boards=(Board.NATURAL, Board.PUBLIC)), Selector(boards=(Board.NATURAL,), area="south")),
        (Selector(boards=(Board.NATURAL,)), Selector(ids=("rain-s",))),
        (Selector(kinds=("gas", "rain")), Selector(kinds=("gas",))),
        (Selector(channels=(ChannelKind.POSITION,)), Selector(ids=("bus",))),
        (Selector(ids=("bus", "gas-n")), Selector(ids=("bus",), area="old")),
    ],
)
async def test_what_another_selector_covers_is_not_asked_for_again(
    desk: Desk, wide: Selector, narrow: Selector
) -> None:
    desk.interest("narrow", narrow)
    desk.interest("wide", wide)
    assert asked(desk) == [(wide, "latest")]
    desk.interest("recorder", narrow, strategy="every")
    assert set(asked(desk)) == {(wide, "latest"), (narrow, "every")}
    desk.release("recorder")
    desk.release("wide")
    assert asked(desk) == [(narrow, "latest")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Selector(area="south"), Selector(ids=("gas-o",))),
        (Selector(area="south"), Selector(area="city")),
        (Selector(kinds=("gas", "tram")), Selector(kinds=("gas", "rain"))),
        (Selector(ids=("bus",)), Selector(channels=(ChannelKind.STATE,))),
        (Selector(area="city"), Selector(ids=("gas-o", "not known yet"))),
        (Selector(boards=(Board.NATURAL,)), Selector(area="south")),
    ],
)
async def test_what_is_not_wholly_covered_is_asked_for(desk: Desk, one: Selector, other: Selector) -> None:
    desk.interest("one", one)
    desk.interest("other", other)
    assert set(asked(desk)) == {(one, "latest"), (other, "latest")}


async def test_two_alike_do_not_cover_each_other_away(desk: Desk) -> None:
    desk.interest("a", Selector(ids=("bus", "gas-n")))
    desk.interest("b", Selector(ids=("gas-n", "bus")))
    assert len(asked(desk)) == 1


async def test_an_id_is_covered_once_its_sensor_is_known_to_lie_inside(desk: Desk) -> None:
    desk.interest("map", Selector(area="south"))
    desk.interest("chart", Selector(ids=("new",)))
    assert len(asked(desk)) == 2
    put(desk, Sensor(id="new", area="south"))
    desk.drain()
    assert asked(desk) == [(Selector(area="south"), "latest")]
    put(desk, Sensor(id="new", area="north"))
    desk.drain()
    assert len(asked(desk)) == 2
