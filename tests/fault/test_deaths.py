"""kill -9 of every part of the running program: the others go on, the screen says it, it comes back by itself."""

from __future__ import annotations

import psutil
import pytest

from tests.program import Heard, Program

pytestmark = pytest.mark.slow
BACK_S = 40.0


def painted_more(program: Program, panel: str, since: int) -> None:
    """Wait until a panel's count rises between two lines of counts heard from `since` on."""
    first: list[int] = []

    def rises(heard: Heard) -> bool:
        count = heard.line.get("stats", {}).get("painted", {}).get(panel)
        if count is None:
            return False
        first.append(count)
        return bool(count > min(first))

    program.wait(rises, BACK_S, since)


def notice(heard: Heard, key: str) -> bool:
    """Whether this line tells notices and one with this key is among them."""
    return any(n["key"].startswith(key) for n in heard.line.get("notices", ()))


def only(program: Program, role: str) -> psutil.Process:
    """The one process of a role."""
    (process,) = program.of_role(role)
    return process


def test_node(running: Program) -> None:
    console, since = only(running, "console"), running.mark()
    running.kill("node")
    running.wait(lambda h: notice(h, "child:node"), BACK_S, since)
    running.event("up", "node", within_s=BACK_S, since=since)
    running.wait(lambda h: "notices" in h.line and not notice(h, "child:"), BACK_S, since)
    again = running.mark()
    running.wait(lambda h: h.line.get("stats", {}).get("link_up") is True, BACK_S, again)
    painted_more(running, "chart", again)
    assert only(running, "console") == console


def test_camera_server(running: Program) -> None:
    console, node, since = only(running, "console"), only(running, "node"), running.mark()
    running.kill("cameras")
    running.wait(lambda h: notice(h, "child:cameras"), BACK_S, since)
    running.event("up", "cameras", within_s=BACK_S, since=since)
    painted_more(running, "video", running.mark())
    assert (only(running, "console"), only(running, "node")) == (console, node)


def test_decode_worker(running: Program) -> None:
    console = only(running, "console")
    workers = running.of_role("decoder")
    assert workers
    running.kill("decoder")
    painted_more(running, "video", running.mark())
    assert only(running, "console") == console


def test_page_of_the_map(running: Program) -> None:
    console, since = only(running, "console"), running.mark()
    web = running.of_role("web")
    for process in web:
        if process.parent() in web:  # forked for the page by WebEngine's own first process
            process.kill()
    running.wait(lambda h: notice(h, "map.died"), BACK_S, since)
    painted_more(running, "map", running.mark())
    assert only(running, "console") == console


def test_console(running: Program) -> None:
    node, cameras, since = only(running, "node"), only(running, "cameras"), running.mark()
    with_it = [p for role in ("web", "decoder") for p in running.of_role(role)]
    running.kill("console")
    running.wait(lambda h: h.text.startswith("console ended unexpectedly (exit code -9)"), BACK_S, since)
    running.wait(lambda h: notice(h, "child:console"), BACK_S, since)
    running.event("first_value", within_s=BACK_S, since=since)
    running.event("shown", "video", within_s=BACK_S, since=since)
    assert (only(running, "node"), only(running, "cameras")) == (node, cameras)
    assert "log-in: none is needed here" in running.text and "first administrator: nobody" not in running.text
    _, alive = psutil.wait_procs(with_it, 10.0)
    assert not alive
