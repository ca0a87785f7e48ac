"""Proves that every course through a workflow's graph ends, that each step is reached, none done twice; runs nothing.

Each choice is taken both ways, whatever its condition says, and parallel branches are followed in the order of the
graph: whoever fires first there can get no second token later, so that one order stands for all of them.
"""

from __future__ import annotations

from typing import Final

from console.rules.workflow_condition import comparisons
from console.rules.workflow_graph import STEPS, Graph, Node, fault

FORESEEN: Final = 400
"""Most steps, gateways and events that an engine foresees: branches inside branches multiply."""
COURSES: Final = 10_000
"""Most situations to be looked at."""
Situation = tuple[frozenset[str], frozenset[str]]
"""Flows that hold a token, steps done."""


def check_paths(graph: Graph) -> None:
    """Raise SettingsError, naming element and line, where a course could stick, circle, double or miss a step."""
    order = _forwards(graph)
    _check_size(graph, order)
    seen, visited = set[Situation](), set[str]()
    start = graph.nodes[order[0]]
    waiting: list[Situation] = [(frozenset({graph.out[start.id][0].id}), frozenset())]
    visited.add(start.id)
    while waiting:
        situation = waiting.pop()
        if situation in seen:
            continue
        seen.add(situation)
        if len(seen) > COURSES:
            found, expected = f"more than {COURSES} situations", "fewer choices one after the other"
            raise fault(graph.file, start.line, start.id, found=found, expected=expected)
        node = _next(graph, order, situation[0])
        if node is not None:
            visited.add(node.id)
            waiting += _after(graph, node, situation)
    for node in graph.nodes.values():
        if node.id not in visited:
            raise fault(graph.file, node.line, node.id, found="no way from the start", expected="each element reached")


def _forwards(graph: Graph) -> list[str]:
    """Ids so ordered that every flow leads forwards. Raises SettingsError where flows form a circle."""
    missing = {id_: len(flows) for id_, flows in graph.into.items()}
    ready = sorted((id_ for id_, count in missing.items() if count == 0), key=lambda i: graph.nodes[i].line)
    order: list[str] = []
    while ready:
        id_ = ready.pop()
        order.append(id_)
        for flow in graph.out[id_]:
            missing[flow.target] -= 1
            if missing[flow.target] == 0:
                ready.append(flow.target)
    circle = [node for node in graph.nodes.values() if node.id not in order]
    if circle:
        found = "a circle through " + ", ".join(node.id for node in circle[:8])
        tip = "begin the workflow anew where it has to be gone through again"
        raise fault(graph.file, circle[0].line, circle[0].id, found=found, expected="flows that lead forwards", tip=tip)
    return order


def _check_size(graph: Graph, order: list[str]) -> None:
    foreseen: dict[str, int] = {}
    for id_ in reversed(order):
        # an end is three to the engine: itself, the join of all ends, the end of all
        foreseen[id_] = 1 + (sum(foreseen[flow.target] for flow in graph.out[id_]) or 2)
        if foreseen[id_] > FORESEEN:
            node = graph.nodes[id_]
            found, expected = f"{foreseen[id_]} steps foreseen from here", f"at most {FORESEEN}"
            tip = "branches inside branches multiply: make it two workflows"
            raise fault(graph.file, node.line, id_, found=found, expected=expected, tip=tip)


def _next(graph: Graph, order: list[str], tokens: frozenset[str]) -> Node | None:
    """Who fires; None at the end. Raises SettingsError where a token waits for one that never comes."""
    for id_ in order:
        arrived = [flow.id in tokens for flow in graph.into[id_]]
        if any(arrived) and (all(arrived) or graph.nodes[id_].kind != "parallelGateway"):
            return graph.nodes[id_]
    stuck = next((flow for flow in graph.flows() if flow.id in tokens), None)
    if stuck is not None:
        found = "a branch that waits for another that was not taken"
        expected = "an exclusive gateway to bring together what an exclusive gateway parted"
        raise fault(graph.file, graph.nodes[stuck.target].line, stuck.target, found=found, expected=expected)
    return None


def _after(graph: Graph, node: Node, situation: Situation) -> list[Situation]:
    tokens, done = situation
    arrived = {flow.id for flow in graph.into[node.id]} & tokens
    if len(arrived) > 1 and node.kind not in ("parallelGateway", "endEvent"):
        expected = "a parallel gateway to bring together what a parallel gateway parted"
        raise fault(graph.file, node.line, node.id, found="two branches that both come here", expected=expected)
    rest, ways = tokens - arrived, [flow.id for flow in graph.out[node.id]]
    if node.kind in STEPS:
        done |= {node.id}
    if node.kind == "exclusiveGateway":
        _check_answered(graph, node, done)
        return [(rest | {way}, done) for way in ways]
    return [(rest | set(ways), done)]


def _check_answered(graph: Graph, node: Node, done: frozenset[str]) -> None:
    for flow in graph.out[node.id]:
        for asked in comparisons(flow.condition) if flow.condition is not None else ():
            if asked.step not in done:
                raise fault(
                    graph.file,
                    flow.line,
                    flow.id,
                    found=f"'{asked.step}.{asked.name}'",
                    expected=f"answers of steps that are done whenever '{node.id}' is reached",
                )
