"""What may stand above and below this node: today nothing may; knows neither sockets nor sources.

A node whose data are simulated must never reach a real one, in either direction, and a node that cannot exchange yet
must not look as if it did: an order that waits for an uplink that is not there would wait for good.
"""

from __future__ import annotations

from typing import Final

from console.api import SettingsError
from console.wire.frames import Hello, Refusal

NODE_ROLE: Final = "node"
"""The role that another node says in its hello."""


def refuse_parent(parent: str, *, simulated: bool) -> None:
    """Raise SettingsError, one line for the operator, where a parent is asked for; `parent` "" asks for none."""
    if not parent:
        return
    if simulated:
        raise SettingsError(
            "--parent on a demo node",
            found=repr(parent),
            expected="none, since all that this node writes is simulated",
            tip="start it with --sources FILE, without the demo city, to join a real node",
        )
    raise SettingsError(
        "--parent",
        found=repr(parent),
        expected="none: exchange with a parent node is not part of this version yet",
        tip="start without --parent, so that no order waits for an uplink that is not there",
    )


def refusal_of_node(hello: Hello, *, name: str, simulated: bool) -> Refusal | None:
    """The refusal of a hello in which another node speaks, naming this one; None for a console's."""
    if hello.role != NODE_ROLE:
        return None
    if simulated:
        what = f"'{name}' is a demo node: all that it writes is simulated, so it has neither parent nor children"
        return Refusal(code="rule", what=what, found="role 'node'", expected="a console", tip="join a real node")
    what = f"'{name}' does not exchange with other nodes in this version"
    return Refusal(code="unavailable", what=what, found="role 'node'", expected="a console")
