"""The wall's room: who may watch, who may speak for a machine, what is bounded, and what is told to whom."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from console.api import Text, Wall, WallMachine
from console.node.hub import Hub, Scope
from console.node.outbox import Outbox
from console.node.visit import Visit
from console.node.wall_room import MACHINES, PICTURE_BYTES, PICTURE_S, SCREENS, SILENT_S, WATCHED, WallRooms
from console.wire.frames import Credential, Hello, Welcome
from console.wire.session.acts import Pulse
from console.wire.session.node import NodeSession
from console.wire.walls import Present, WallPicture, WallScreen, WallSeen, WallWatch

JPEG = b"\xff\xd8\xff\xe0 a picture"


class Room:
    """A hub with a wall, its room, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.hub = Hub(clock=lambda: int(self.now_s * 1e9))
        self.rooms = WallRooms(self.hub, now_s=lambda: self.now_s)
        self.hub.put("s", [Wall(id="w", name=Text("大厅"))])

    def come(self, role: str = "desk", *, can: tuple[str, ...] = ("walls",), scope: Scope | None = None) -> Came:
        return Came(role, can, scope)

    def machine(self, name: str = "a", wall: str = "w", **said: Any) -> Came:
        """A machine of the wall, that has said so."""
        came = self.come("wall")
        screens = (WallScreen(name="left"),)
        self.rooms.take(WallSeen(**{"wall": wall, "machine": name, "screens": screens, **said}), came.visit)
        return came

    def picture(self, came: Came, screen: str = "left", jpeg: bytes = JPEG, t_ns: int = 90 * 10**9) -> None:
        self.rooms.take(WallPicture(wall="w", screen=screen, t_ns=t_ns, jpeg=jpeg), came.visit)

    def machines(self) -> dict[str, WallMachine]:
        found = self.hub.entities.get(WallMachine.CLS, {})
        return {id_: entity for id_, entity in found.items() if isinstance(entity, WallMachine)}


class Came:
    """A connection; `told` is what was sent to it, unless it is `slow`."""

    def __init__(self, role: str, can: tuple[str, ...], scope: Scope | None) -> None:
        self.told: list[dict[str, Any]] = []
        self.slow = False
        session = NodeSession(
            Welcome(version=1, node="n", capabilities=("walls",)), lambda _hello: None, Pulse(), now_s=0.0
        )
        session.received(Hello(version=1, capabilities=can, credential=Credential(kind="secret")), 0.0)
        self.outbox = Outbox(self._write)
        self.visit = Visit(session, self.outbox)
        self.visit.role, self.visit.scope = role, scope

    def _write(self, data: bytes) -> bool:
        if not self.slow:
            self.told.append(msgpack.unpackb(data))
        return not self.slow

    def heard(self, m: str) -> list[dict[str, Any]]:
        return [message for message in self.told if message["m"] == m]


@pytest.fixture
def room() -> Room:
    return Room()


def watch(room: Room, came: Came, *, pictures: bool = True, on: bool = True, wall: str = "w") -> None:
    room.rooms.take(WallWatch(wall=wall, on=on, pictures=pictures), came.visit)


# ---------------------------------------------------------------- pictures


def test_a_picture_reaches_who_asked_for_pictures_and_nobody_else(room: Room) -> None:
    desk, follower, stranger = room.come(), room.come(), room.come()
    watch(room, desk)
    watch(room, follower, pictures=False)
    machine = room.machine()
    room.picture(machine)
    assert [(p["screen"], p["machine"], p["jpeg"]) for p in desk.heard("wall_picture")] == [("left", "a", JPEG)]
    assert not follower.heard("wall_picture") and not stranger.told


def test_a_machine_sends_pictures_only_while_somebody_looks(room: Room) -> None:
    machine, desk, other = room.machine(), room.come(), room.come()
    watch(room, desk)
    watch(room, other)
    watch(room, desk, on=False)
    assert [told.get("pictures", False) for told in machine.heard("wall_watched")] == [False, True]
    room.rooms.left(other.visit)
    assert [told.get("pictures", False) for told in machine.heard("wall_watched")] == [False, True, False]


def test_a_machine_that_comes_while_somebody_looks_is_told_at_once(room: Room) -> None:
    watch(room, room.come())
    assert [told["pictures"] for told in room.machine().heard("wall_watched")] == [True]


def test_of_a_slow_reader_one_picture_a_screen_waits_and_the_rest_is_counted(room: Room) -> None:
    desk, machine = room.come(), room.machine()
    watch(room, desk)
    desk.slow = True
    for _ in range(50):
        room.now_s += 1
        room.picture(machine, jpeg=JPEG + b"." * 100_000)
    assert (desk.outbox.replaced, desk.outbox.queued_bytes) == (49, 0)


@pytest.mark.parametrize(
    ("screen", "jpeg"), [("left", JPEG + b"." * PICTURE_BYTES), ("left", b"no picture"), ("another", JPEG)]
)
def test_what_is_no_picture_of_the_sender_s_screens_is_left_out_and_counted(
    room: Room, screen: str, jpeg: bytes
) -> None:
    desk, machine = room.come(), room.machine()
    watch(room, desk)
    room.picture(machine, screen, jpeg)
    assert not desk.heard("wall_picture") and sum(room.rooms.refused.values()) == 1


def test_pictures_that_come_too_fast_are_left_out(room: Room) -> None:
    desk, machine = room.come(), room.machine()
    watch(room, desk)
    for _ in range(10):
        room.picture(machine)
    room.now_s += PICTURE_S
    room.picture(machine)
    assert len(desk.heard("wall_picture")) == 2 and room.rooms.refused["pictures too fast"] == 9


def test_a_picture_of_the_future_is_of_now(room: Room) -> None:
    desk, machine = room.come(), room.machine(shown_ns=10**19 // 2)
    watch(room, desk)
    room.picture(machine, t_ns=10**19 // 2)
    assert desk.heard("wall_picture")[0]["t_ns"] == room.machines()["w/a"].shown_ns == 100 * 10**9


# ---------------------------------------------------------------- rights


def test_who_may_not_see_the_wall_may_not_watch_it(room: Room) -> None:
    blind = room.come(scope=Scope(lambda _entity, _known: False))
    watch(room, blind)
    machine = room.machine()
    room.picture(machine)
    assert not blind.told
    assert not machine.heard("wall_watched")[0].get("pictures", False), "and nobody draws pictures for them"


def test_who_loses_the_right_hears_nothing_more(room: Room) -> None:
    desk, machine = room.come(), room.machine()
    watch(room, desk)
    desk.visit.scope = Scope(lambda _entity, _known: True, frozenset({"alarm"}))  # a locked screen
    room.rooms.tick()
    room.picture(machine)
    room.rooms.tell("w", Present(wall="w", op="clear"))
    assert not desk.told and machine.heard("wall_watched")[-1].get("pictures", False) is False


def test_only_a_wall_speaks_for_a_wall_s_machine(room: Room) -> None:
    desk, looker = room.come(), room.come()
    watch(room, looker)
    room.rooms.take(WallSeen(wall="w", machine="a", screens=(WallScreen(name="left"),)), desk.visit)
    room.picture(desk)
    assert not room.machines() and not looker.told and sum(room.rooms.refused.values()) == 2


def test_a_wall_is_told_of_its_own_wall_whatever_it_is_shown(room: Room) -> None:
    machine = room.come("wall", scope=Scope(lambda _entity, _known: False))
    watch(room, machine, pictures=False)
    room.rooms.tell("w", Present(wall="w", op="clear"))
    assert machine.heard("present")


def test_without_the_capability_nothing_is_taken(room: Room) -> None:
    old = room.come(can=())
    watch(room, old)
    room.rooms.tell("w", Present(wall="w", op="clear"))
    assert not old.told and sum(room.rooms.refused.values()) == 1


# ---------------------------------------------------------------- machines


def test_a_machine_is_an_entity_until_its_link_is_gone(room: Room) -> None:
    screens = (WallScreen(name="left"), WallScreen(name="right", missing=True))
    machine = room.machine(number=3, shown_ns=5, screens=screens)
    found = room.machines()["w/a"]
    assert (found.number, found.shown_ns, found.screens, found.missing) == (3, 5, ("left", "right"), ("right",))
    room.rooms.left(machine.visit)
    assert not room.machines()


def test_a_machine_that_falls_silent_is_gone_and_comes_back(room: Room) -> None:
    machine = room.machine()
    room.now_s += SILENT_S + 1
    room.rooms.tick()
    assert not room.machines()
    room.rooms.take(WallSeen(wall="w", machine="a"), machine.visit)
    assert list(room.machines()) == ["w/a"]


def test_who_is_a_wall_no_more_is_no_machine_and_shows_nothing(room: Room) -> None:
    machine, desk = room.machine(), room.come()
    watch(room, desk)
    machine.visit.role = "desk"
    room.picture(machine)
    assert not desk.heard("wall_picture")
    room.rooms.tick()
    assert not room.machines()


def test_a_machine_that_came_back_stays_when_its_old_link_ends(room: Room) -> None:
    old = room.machine(number=1)
    room.machine(number=2)
    room.rooms.left(old.visit)
    assert room.machines()["w/a"].number == 2


def test_there_are_only_so_many_machines_screens_and_watched_walls(room: Room) -> None:
    for i in range(MACHINES + 5):
        room.machine(f"m{i}")
    assert len(room.machines()) == MACHINES
    room.machine("m0", screens=tuple(WallScreen(name=str(i)) for i in range(SCREENS + 1)), number=9)
    assert room.machines()["w/m0"].number == 0
    desk = room.come()
    for i in range(WATCHED + 5):
        watch(room, desk, wall=f"w{i}")
    room.rooms.tell(f"w{WATCHED}", Present(wall="x", op="clear"))
    assert not desk.told


# ---------------------------------------------------------------- presenting


class Presents:
    """Takes what presenters do."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def take(self, visit: Visit, message: Present) -> None:
        self.taken.append(message.op)

    def left(self, visit: Visit) -> None:
        self.taken.append("left")

    def tick(self, now_s: float) -> None:
        self.taken.append("tick")


def test_what_presenters_do_goes_to_who_takes_it_and_back_to_all_but_them(room: Room) -> None:
    presents = room.rooms.presents = Presents()
    began: list[str] = []
    room.rooms.on_watch = lambda _visit, wall: began.append(wall)
    presenter, desk = room.come(), room.come()
    watch(room, presenter, pictures=False)
    watch(room, desk, pictures=False)
    room.rooms.take(Present(wall="w", op="begin"), presenter.visit)
    room.rooms.tell("w", Present(wall="w", op="begin", by="zhou"), but=presenter.visit)
    room.rooms.tick()
    room.rooms.left(presenter.visit)
    assert began == ["w", "w"] and presents.taken == ["begin", "tick", "left"]
    assert [message["by"] for message in desk.heard("present")] == ["zhou"] and not presenter.heard("present")


def test_of_a_pointer_a_slow_reader_gets_where_it_is_not_where_it_was(room: Room) -> None:
    desk = room.come()
    watch(room, desk, pictures=False)
    desk.slow = True
    for i in range(100):
        room.rooms.tell("w", Present(wall="w", op="pointer", points=((i / 100, 0.5),)), newest="pointer")
    assert desk.outbox.replaced == 99
