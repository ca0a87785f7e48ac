"""What a presenter's hand does becomes few messages, is shown here at once, and ends when the node says so."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import msgspec

from console.api import LinkError, Pointed
from console.walls.presenter import POINTER_S, STROKE_S, VIEW_S, Presenter, Spot
from console.walls.presenting import Audience, Said
from console.wire.presentation import harmless
from console.wire.walls import Present, Presenting, PresentRefused


class Walls:
    """console.client.walls as far as a presenter needs it."""

    def __init__(self) -> None:
        self.on_present: Callable[[Said], None] | None = None
        self.sent: list[Present] = []
        self.cut = False

    def watch(self, wall: str, owner: Hashable, *, pictures: bool = False) -> None:
        """Watched."""

    def release(self, owner: Hashable) -> None:
        """No more."""

    def present(self, message: Present) -> None:
        if self.cut:
            raise LinkError("cut")
        self.sent.append(message)

    def say(self, message: Said) -> None:
        assert self.on_present is not None
        self.on_present(message)


class Hand:
    """A presenter with a clock moved by hand."""

    def __init__(self) -> None:
        self.walls, self.now_s = Walls(), 10.0
        self.failed: list[Exception] = []
        self.audience = Audience(self.walls)
        self.presenter = Presenter("hall", self.audience, lambda: "p.li", self.failed.append, now_s=lambda: self.now_s)
        self.audience.listen("hall", "hand", self.presenter.heard)

    def begun(self) -> Presenter:
        self.presenter.begin()
        self.walls.say(Presenting(wall="hall", by="p.li", scene=1))
        self.walls.sent.clear()
        return self.presenter

    def ops(self, op: str) -> list[Present]:
        return [message for message in self.walls.sent if message.op == op]


def spot(x: float, y: float, tile: str = "map", of: str = "") -> Spot:
    return Spot(tile=tile, px=(x, y), pointed=Pointed(x / 10, y / 10, of), share=(0.5, 0.5))


def test_nothing_is_sent_before_the_node_has_said_that_it_may() -> None:
    hand = Hand()
    hand.presenter.point(spot(1, 1))
    hand.presenter.press(spot(1, 1))
    hand.presenter.freeze("map")
    hand.presenter.view("map", {"zoom": 1.0})
    assert not hand.walls.sent
    hand.presenter.begin()
    hand.presenter.point(spot(1, 1))
    assert [message.op for message in hand.walls.sent] == ["begin"]


def test_a_pointer_that_moves_fast_is_shown_here_at_once_and_sent_a_few_times_a_second_the_last_always() -> None:
    hand = Hand()
    presenter = hand.begun()
    for n in range(200):
        hand.now_s += 0.001
        presenter.point(spot(n, 0))
        assert presenter.marks.pointer is not None
        assert presenter.marks.pointer.points == ((n / 10, 0.0),)
    hand.now_s += POINTER_S
    presenter.flush()
    sent = hand.ops("pointer")
    assert len(sent) <= 0.2 / POINTER_S + 2
    assert (sent[-1].points, sent[-1].content, sent[-1].tile) == (((19.9, 0.0),), True, "map")
    presenter.point(None)
    assert hand.ops("pointer")[-1].points == ()


def test_a_tile_that_knows_no_places_is_pointed_at_by_its_share() -> None:
    hand = Hand()
    hand.begun().point(Spot(tile="strips", px=(3, 3), pointed=None, share=(0.25, 0.75)))
    sent = hand.ops("pointer")[-1]
    assert (sent.content, sent.points) == (False, ((0.25, 0.75),))


def test_a_stroke_travels_whole_in_few_messages() -> None:
    hand = Hand()
    presenter = hand.begun()
    presenter.pick(2)
    presenter.press(spot(0, 0, of="cam"))
    for n in range(1, 100):
        hand.now_s += 0.002
        presenter.drag(spot(n * 5, 0, of="cam"))
    presenter.drag(spot(99 * 5 + 1, 0, of="cam"))
    presenter.release()
    sent = hand.ops("stroke")
    assert len(sent) <= 0.2 / STROKE_S + 3
    assert {(m.colour, m.of, m.stroke) for m in sent} == {(2, "cam", sent[0].stroke)}
    assert sum((m.points for m in sent), ()) == presenter.marks.strokes[sent[0].stroke].points
    assert len(presenter.marks.strokes[sent[0].stroke].points) == 100, "a px more is no new place"


def test_own_strokes_are_undone_one_after_another_and_all_cleared() -> None:
    hand = Hand()
    presenter = hand.begun()
    for n in range(3):
        presenter.press(spot(n, n))
        presenter.release()
    presenter.undo()
    presenter.undo()
    assert len(presenter.marks.strokes) == 1
    presenter.clear()
    presenter.undo()
    assert not presenter.marks.strokes
    assert [m.op for m in hand.walls.sent if m.op != "stroke"] == ["undo", "undo", "clear"]


def test_a_view_is_told_when_it_changes_five_times_a_second_and_not_of_a_tile_that_stands_still() -> None:
    hand = Hand()
    presenter = hand.begun()
    presenter.view("map", {"zoom": 1.0})
    assert not hand.ops("view"), "as it stands when presenting begins, the wall's own is as good"
    for n in range(100):
        hand.now_s += 0.01
        presenter.view("map", {"zoom": 2.0 + n})
    hand.now_s += VIEW_S
    presenter.view("map", {"zoom": 200.0})
    presenter.view("map", {"zoom": 200.0})
    assert len(hand.ops("view")) <= 1 / VIEW_S + 2
    assert hand.ops("view")[-1].state == {"zoom": 200.0}
    presenter.freeze("map")
    hand.now_s += 1
    presenter.view("map", {"zoom": 1.0})
    presenter.freeze("map")
    assert [m.on for m in hand.ops("freeze")] == [True, False]
    assert hand.ops("view")[-1].state == {"zoom": 200.0}


def test_a_map_that_a_hand_moved_before_it_presented_is_told_as_it_stands() -> None:
    hand = Hand()
    hand.presenter.view("map", {"zoom": 9.0}, own=True)
    assert not hand.ops("view")
    presenter = hand.begun()
    presenter.view("map", {"zoom": 9.0}, own=True)
    presenter.view("chart", {"span": 1.0})
    assert [(m.tile, m.state) for m in hand.ops("view")] == [("map", {"zoom": 9.0})]


def test_it_is_over_when_the_node_says_so() -> None:
    hand = Hand()
    presenter = hand.begun()
    hand.walls.say(Presenting(wall="hall"))
    presenter.point(spot(1, 1))
    assert not presenter.presents
    assert not hand.walls.sent
    presenter.begin()
    hand.walls.say(PresentRefused(wall="hall", op="begin", zh="不可", en="no"))
    assert not presenter.wants
    hand.walls.say(Presenting(wall="hall", by="p.wang"))
    presenter.point(spot(1, 1))
    assert [m.op for m in hand.walls.sent] == ["begin"]


def test_an_answer_to_the_watch_from_before_does_not_end_what_was_just_begun() -> None:
    hand = Hand()
    hand.presenter.begin()
    hand.walls.say(Presenting(wall="hall"))
    assert hand.presenter.wants
    hand.walls.say(Presenting(wall="hall", by="p.li"))
    assert hand.presenter.presents


def test_what_cannot_be_sent_is_said_and_still_shown_here() -> None:
    hand = Hand()
    presenter = hand.begun()
    hand.walls.cut = True
    presenter.press(spot(1, 1))
    presenter.release()
    assert hand.failed
    assert len(presenter.marks.strokes) == 1


def test_marks_of_another_presenter_than_the_walls_are_not_shown() -> None:
    hand = Hand()
    hand.begun()
    for by in ("p.wang", ""):
        hand.walls.say(Present(wall="hall", op="pointer", points=((1.0, 1.0),), by=by))
    assert hand.presenter.marks.pointer is None
    hand.walls.say(Present(wall="another", op="pointer", points=((1.0, 1.0),), by="p.li"))
    assert hand.presenter.marks.pointer is None


def test_what_the_node_tells_whole_takes_the_place_of_what_was_there() -> None:
    hand = Hand()
    presenter = hand.begun()
    presenter.press(spot(1, 1))
    other = Present(wall="hall", op="stroke", stroke="x", points=((1.0, 1.0),), by="p.li")
    hand.walls.say(
        Presenting(wall="hall", by="p.li", done=(other, msgspec.structs.replace(other, op="freeze", tile="t")))
    )
    assert list(presenter.marks.strokes) == ["x"]
    assert list(presenter.marks.frozen) == ["t"]


def test_a_view_that_could_hurt_is_left_alone() -> None:
    assert harmless({"lon": 108.9, "layers": ["a", "b"], "following": True, "px": [3, 4], "home": None})
    for bad in (float("nan"), float("inf"), 1 << 80, object(), b"x", [[[["deep"]]]], {1: 2}):
        assert not harmless({"x": bad})
