"""A wall's screens are kept on by whatever the machine has, and given back; by fakes of a bus and of xset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.shell.awake import Awake, LogIn, ScreenSaver, XServer, before

TOLD = """Screen Saver:
  prefer blanking:  yes    allow exposures:  yes
  timeout:  600    cycle:  300
DPMS (Display Power Management Signaling):
  Standby: 600    Suspend: 600    Off: 600
  DPMS is Enabled
"""


class FakeBus:
    """Answers for the services that it has; keeps what it was asked."""

    def __init__(self, *has: str) -> None:
        self.has, self.left = has, 0
        self.asked: list[tuple[Any, ...]] = []

    def call(self, service: str, path: str, interface: str, method: str, *arguments: Any) -> list[Any] | None:
        self.asked.append((service, path, method, *arguments))
        return [7] if service in self.has else None

    def leave(self) -> None:
        self.left += 1


class FakeX:
    """xset, as it is called."""

    def __init__(self, told: str | None = TOLD) -> None:
        self.told = told
        self.ran: list[tuple[str, ...]] = []

    def __call__(self, arguments: Sequence[str]) -> str | None:
        if self.told is None:
            return None
        self.ran.append(tuple(arguments))
        return self.told if arguments == ("q",) else ""


class Broken:
    """A means that raises."""

    def take(self) -> str:
        raise RuntimeError("a test")

    def release(self) -> None:
        raise RuntimeError("a test")


def test_all_that_is_there_is_asked_and_given_back() -> None:
    session, system, x = FakeBus("org.freedesktop.ScreenSaver"), FakeBus("org.freedesktop.login1"), FakeX()
    awake = Awake((ScreenSaver(session), LogIn(system), XServer(x)))
    awake.take()
    assert awake.how == ("screen saver", "log-in manager", "X server")
    assert [call[2] for call in session.asked] == ["Inhibit"]
    assert system.asked[0][3:] == ("idle:sleep", "yilan", "A wall shows the situation", "block")
    assert x.ran == [("q",), ("s", "off", "s", "noblank"), ("-dpms",)]
    x.ran.clear()
    awake.release()
    assert (session.left, system.left) == (1, 1)
    assert x.ran == [("s", "600", "300"), ("s", "blank"), ("+dpms",)]
    awake.release()
    assert session.left == 1 and not awake.how


def test_where_nothing_is_there_nothing_is_said_to_be_kept_on() -> None:
    session, system, x = FakeBus(), FakeBus(), FakeX(None)
    awake = Awake((ScreenSaver(session), LogIn(system), XServer(x)))
    awake.take()
    assert awake.how == ()
    assert len(session.asked) == 2  # both paths under which it is known
    awake.release()
    assert (session.left, system.left) == (0, 0)


def test_one_that_raises_keeps_none_of_the_others_from_it() -> None:
    x = FakeX()
    awake = Awake((Broken(), XServer(x)))
    awake.take()
    assert awake.how == ("X server",)
    awake.release()


def test_what_was_off_before_stays_off() -> None:
    off = TOLD.replace("600", "0").replace("yes ", "no ").replace("Enabled", "Disabled")
    assert before(off) == (("s", "0", "300"), ("s", "noblank"))
    assert before("a server that tells nothing") == ()
