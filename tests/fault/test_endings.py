"""However the program ends, nothing of it remains: no process, port, socket or shared memory."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.desktop import CONTROL, LETTER_Q, Desktop, available
from tests.program import Program, left_in_shared_memory, shared_memory
from tests.screens import screen

pytestmark = pytest.mark.slow
UP_S = 60.0
GONE_S = 10.0


def listening(program: Program) -> set[int]:
    """TCP ports on which the program's processes listen."""
    ports: set[int] = set()
    for process in program.processes():
        try:
            ports |= {c.laddr.port for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
        except psutil.Error:
            continue
    return ports


def free(port: int) -> bool:
    """Whether nobody accepts a connection there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def shown(program: Program) -> None:
    """Until everything of it runs."""
    for panel in ("map", "video"):
        program.event("shown", panel, within_s=UP_S)


def close_terminal(program: Program, display: str) -> None:
    """As a terminal that is closed, or a session that ends."""
    program.process.send_signal(signal.SIGTERM)


def close_window(program: Program, display: str) -> None:
    """By the window's own button."""
    with Desktop(display) as desktop:
        desktop.close_window()


def press_quit(program: Program, display: str) -> None:
    """By Ctrl+Q."""
    with Desktop(display) as desktop:
        desktop.press(CONTROL, LETTER_Q)


@pytest.mark.parametrize("end", [close_terminal, close_window, press_quit])
def test_an_end_leaves_nothing(tmp_path: Path, end: Callable[[Program, str], None]) -> None:
    before = shared_memory()
    with screen(tmp_path) as (kind, environment), Program(tmp_path / "state", environment) as program:
        if end is not close_terminal and (kind != "xvfb" or not available()):
            pytest.skip("needs Xvfb and libXtst")
        shown(program)
        ports = listening(program)
        assert len(ports) >= 2
        program.processes()
        end(program, environment.get("DISPLAY", ""))
        assert program.ended() == 0
        _, alive = psutil.wait_procs(program.left(), GONE_S)
        assert not alive, [p.cmdline() for p in alive]
        assert all(free(port) for port in ports)
        assert "Traceback" not in program.text
    assert not left_in_shared_memory(before)
    assert not (tmp_path / "state" / "run.json").exists()


def test_the_supervisors_death_ends_all_and_the_next_start_is_clean(
    tmp_path: Path, screen_environment: dict[str, str]
) -> None:
    before = shared_memory()
    with Program(tmp_path, screen_environment) as program:
        shown(program)
        ports = listening(program)
        children = [p for p, role in program.processes().items() if role != "supervisor"]
        program.process.kill()
        program.ended()
        _, alive = psutil.wait_procs(children, GONE_S)
        assert not alive, [p.cmdline() for p in alive]
        assert all(free(port) for port in ports)
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["processes"]
    with Program(tmp_path, screen_environment) as program:
        program.event("first_value", within_s=UP_S)
        assert program.finish() == 0
    assert not (tmp_path / "run.json").exists()
    assert not left_in_shared_memory(before)


@pytest.mark.parametrize("moment", ["data:", '"up": "node"', '"painted"'])
def test_the_supervisors_death_while_it_starts(tmp_path: Path, screen_environment: dict[str, str], moment: str) -> None:
    marked = {**screen_environment, "YILAN_TEST_RUN": str(tmp_path)}
    with Program(tmp_path / "state", marked) as program:
        program.wait(lambda h: moment in h.text, UP_S)
        program.process.kill()
        program.ended()
        # those that it had just started are found by their environment
        found = [p for p in psutil.process_iter() if _environment(p).get("YILAN_TEST_RUN") == str(tmp_path)]
        _, alive = psutil.wait_procs(found, GONE_S)
        assert not alive, [p.cmdline() for p in alive]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def test_what_a_killed_supervisor_left_is_ended_by_the_next_start(
    tmp_path: Path, screen_environment: dict[str, str]
) -> None:
    with Program(tmp_path, screen_environment) as program:
        program.event("up", "node", within_s=UP_S)
        (node,) = program.of_role("node")
        node.suspend()  # it can no longer notice that its parent has gone
        program.process.kill()
        program.ended()
        with Program(tmp_path, screen_environment) as following:
            following.wait(lambda h: h.text.startswith("ended "), UP_S)
            following.event("up", "node", within_s=UP_S)
            assert not node.is_running() or node.status() == psutil.STATUS_ZOMBIE
            assert following.finish() == 0
