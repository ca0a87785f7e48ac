"""Reads BPMN 2.0 text into a checked graph of steps, gateways and flows; knows neither files nor the engine.

Taken is what a course of persons' steps needs: one process with user and manual tasks, exclusive and parallel
gateways, plain start and end events, lanes. All else (scripts, services, timers, messages, loops, called processes) is
refused by name, so that a file from elsewhere can neither run anything nor wait for a clock.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml import etree

from console.api import SettingsError, Text, Value
from console.rules.workflow_condition import Condition, comparisons, read_condition

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
TEXT_CHARS: Final = 512 << 10
"""The longest BPMN text."""
NODES: Final = 100
"""Most steps, gateways and events of one workflow."""
ID_CHARS: Final = 40
STEPS: Final = ("userTask", "manualTask")
NODE_KINDS: Final = ("startEvent", "endEvent", *STEPS, "exclusiveGateway", "parallelGateway")

_NOTES: Final = ("documentation", "extensionElements")
_INSIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "definitions": ("process", "collaboration", *_NOTES),
    "collaboration": ("participant", *_NOTES),
    "participant": _NOTES,
    "process": ("laneSet", "sequenceFlow", "textAnnotation", "association", *NODE_KINDS, *_NOTES),
    "laneSet": ("lane", *_NOTES),
    "lane": ("flowNodeRef", *_NOTES),
    "sequenceFlow": ("conditionExpression", *_NOTES),
    "textAnnotation": ("text", *_NOTES),
    "association": _NOTES,
    **dict.fromkeys(NODE_KINDS, ("incoming", "outgoing", *_NOTES)),
}
"""What may stand inside what; elements of other namespaces (drawing, a modeller's own) are left out unread."""
_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "process": ("id", "name", "isExecutable", "isClosed", "processType"),
    "sequenceFlow": ("id", "name", "sourceRef", "targetRef"),
    "exclusiveGateway": ("id", "name", "default", "gatewayDirection"),
    "parallelGateway": ("id", "name", "gatewayDirection"),
    "startEvent": ("id", "name", "isInterrupting"),
    "endEvent": ("id", "name"),
    "userTask": ("id", "name", "implementation"),
    "manualTask": ("id", "name"),
}
_UNUSED: Final = (*_NOTES, "incoming", "outgoing", "textAnnotation", "association")
"""Not handed on: flows say already what goes in and out, and notes have no effect."""
_ENGINE_NAMES: Final = ("Start", "End", "Root")


class Flow(Value, frozen=True, kw_only=True):
    """A sequence flow; `condition` only out of an exclusive gateway, `expression` is its text."""

    id: str
    line: int
    source: str
    target: str
    condition: Condition | None = None
    expression: str = ""


class Node(Value, frozen=True, kw_only=True):
    """A step, gateway or event; `default` is the flow taken where no condition of a gateway holds."""

    id: str
    kind: str
    line: int
    name: Text = Text("")
    role: Text = Text("")
    default: str = ""


class Graph(Value, frozen=True, kw_only=True, eq=False):
    """A checked workflow: nodes from start to ends, so that each flow leads forwards; `process` for the engine."""

    file: str
    process: str
    nodes: dict[str, Node]
    into: dict[str, tuple[Flow, ...]]
    out: dict[str, tuple[Flow, ...]]
    tree: Any

    def flows(self) -> Iterator[Flow]:
        """Every flow, by its source in the order of `nodes`."""
        for node in self.nodes:
            yield from self.out[node]


def fault(file: str, line: int, id_: str, *, found: str, expected: str, tip: str = "") -> SettingsError:
    """The error that names a file's line and element."""
    element = f", element '{id_}'" if id_ else ""
    return SettingsError(f"{file} line {line}{element}", found=found, expected=expected, tip=tip)


def read_graph(text: str, file: str) -> Graph:
    """The graph of a BPMN text. Raises SettingsError naming element, line, what was found and expected."""
    root = _parsed(text, file)
    for element in list(root.iter(f"{{{BPMN}}}*")):
        _check_allowed(element, file)
    etree.strip_elements(root, *(f"{{{BPMN}}}{name}" for name in _UNUSED), with_tail=False)
    _leave_out_foreign(root)
    process = _the_process(root, file)
    _check_ids(process, file)
    roles = _roles(process, file)
    nodes = {node.id: node for node in _nodes(process, roles, file)}
    flows = list(_flows(process, nodes, file))
    _check_lanes(process, nodes, file)
    into = {id_: tuple(flow for flow in flows if flow.target == id_) for id_ in nodes}
    out = {id_: tuple(flow for flow in flows if flow.source == id_) for id_ in nodes}
    graph = Graph(file=file, process=process.get("id"), nodes=nodes, into=into, out=out, tree=root)
    for node in nodes.values():
        _check_node(graph, node)
    _check_asked(graph)
    return graph


def _parsed(text: str, file: str) -> Any:
    if len(text) > TEXT_CHARS:
        raise fault(file, 1, "", found=f"{len(text)} characters", expected=f"at most {TEXT_CHARS}")
    # before any parser sees it: a document type can name files and blow up entities
    for line, words in enumerate(text.splitlines(), 1):
        if "<!DOCTYPE" in words.upper() or "<!ENTITY" in words.upper():
            raise fault(file, line, "", found="a document type", expected="BPMN without <!DOCTYPE …>")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise fault(file, error.lineno or 1, "", found=error.msg or "no XML", expected="well-formed XML") from error
    if root.tag != f"{{{BPMN}}}definitions":
        raise fault(file, root.sourceline, "", found=str(root.tag), expected=f"definitions of {BPMN}")
    return root


def _word(element: Any) -> str:
    return str(etree.QName(element).localname)


def _at(element: Any, file: str, *, found: str, expected: str, tip: str = "") -> SettingsError:
    named = next((e for e in (element, *element.iterancestors()) if e.get("id")), element)
    return fault(file, element.sourceline, named.get("id", ""), found=found, expected=expected, tip=tip)


def _check_allowed(element: Any, file: str) -> None:
    word, above = _word(element), element.getparent()
    if above is None:
        return
    within = etree.QName(above)
    if within.namespace != BPMN or within.localname == "extensionElements":
        raise _at(element, file, found=f"'{word}' inside '{within.localname}'", expected="BPMN elements in a process")
    allowed = _INSIDE.get(within.localname, ())
    if word not in allowed:
        expected = ", ".join(w for w in allowed if w not in _NOTES) or f"nothing inside '{within.localname}'"
        tip = "a workflow holds steps of persons: it runs no program and waits for no clock"
        raise _at(element, file, found=f"'{word}' inside '{within.localname}'", expected=expected, tip=tip)
    known = _ATTRIBUTES.get(word)
    unknown = [a for a in element.attrib if known is not None and "{" not in a and a not in known]
    if unknown and known is not None:
        raise _at(element, file, found=f"attribute '{unknown[0]}'", expected=", ".join(known))


def _leave_out_foreign(root: Any) -> None:
    for element in list(root.iter()):
        if etree.QName(element).namespace != BPMN and element.getparent() is not None:
            element.getparent().remove(element)


def _the_process(root: Any, file: str) -> Any:
    found = root.findall(f"{{{BPMN}}}process")
    if len(found) != 1:
        raise _at(root, file, found=f"{len(found)} processes", expected="one")
    if found[0].get("isExecutable", "true") != "true" or not found[0].get("id"):
        raise _at(found[0], file, found="a process that is not executable or has no id", expected='isExecutable="true"')
    return found[0]


def _bilingual(element: Any, file: str, *, needed: bool) -> Text:
    name = element.get("name", "")
    zh, _, en = (part.strip() for part in name.partition("|"))
    if (name or needed) and not (zh and en):
        raise _at(element, file, found=f"name {name!r}", expected="a name in both languages, as in '叫应 | Call'")
    return Text(zh, en)


def _roles(process: Any, file: str) -> dict[str, Text]:
    roles: dict[str, Text] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        name = _bilingual(lane, file, needed=True)
        for reference in lane:
            id_ = (reference.text or "").strip()
            if id_ in roles:
                raise _at(reference, file, found=f"'{id_}' in two lanes", expected="one role a step")
            roles[id_] = name
            reference.text = id_
    return roles


def _nodes(process: Any, roles: Mapping[str, Text], file: str) -> Iterator[Node]:
    elements = [element for element in process if _word(element) in NODE_KINDS]
    if len(elements) > NODES:
        raise _at(process, file, found=f"{len(elements)} steps, gateways and events", expected=f"at most {NODES}")
    for kind, least, most in (("startEvent", 1, 1), ("endEvent", 1, NODES)):
        count = sum(_word(element) == kind for element in elements)
        if not least <= count <= most:
            expected = "exactly one" if most == 1 else "at least one"
            raise _at(process, file, found=f"{count} of '{kind}'", expected=expected)
    for element in elements:
        kind, id_ = _word(element), element.get("id", "")
        yield Node(
            id=id_,
            kind=kind,
            line=element.sourceline,
            name=_bilingual(element, file, needed=kind in STEPS),
            role=roles.get(id_, Text("")),
            default=element.get("default", ""),
        )


def _flows(process: Any, nodes: Mapping[str, Node], file: str) -> Iterator[Flow]:
    for element in process.findall(f"{{{BPMN}}}sequenceFlow"):
        _bilingual(element, file, needed=False)
        ends = element.get("sourceRef", ""), element.get("targetRef", "")
        for end in ends:
            if end not in nodes:
                raise _at(
                    element, file, found=f"an end at '{end}'", expected="a step, gateway or event of this process"
                )
        stated = element.findall(f"{{{BPMN}}}conditionExpression")
        if len(stated) > 1:
            raise _at(element, file, found=f"{len(stated)} conditions", expected="at most one")
        expression = "".join(s.text or "" for s in stated).strip()
        id_, line = element.get("id", ""), element.sourceline
        condition = read_condition(expression, f"{file} line {line}, element '{id_}'") if stated else None
        yield Flow(id=id_, line=line, source=ends[0], target=ends[1], condition=condition, expression=expression)


def _check_ids(process: Any, file: str) -> None:
    seen: set[str] = set()
    for element in process.iter():
        word, id_ = _word(element), element.get("id")
        if word in NODE_KINDS or word == "sequenceFlow":
            most = ID_CHARS if word in NODE_KINDS else 3 * ID_CHARS
            if not id_ or not _fits(id_, most):
                expected = f"an id of letters, digits and _ (at most {most}), not {', '.join(_ENGINE_NAMES)}"
                raise _at(element, file, found=f"'{word}' with id {id_!r}", expected=expected)
        if id_ is not None and id_ in seen:
            raise _at(element, file, found=f"id '{id_}' a second time", expected="an id once a file")
        seen.add(id_)


def _fits(id_: str, most: int) -> bool:
    word = len(id_) <= most and id_.isascii() and id_.isidentifier() and not keyword.iskeyword(id_)
    return word and id_ not in _ENGINE_NAMES


def _check_lanes(process: Any, nodes: Mapping[str, Node], file: str) -> None:
    references = list(process.iter(f"{{{BPMN}}}flowNodeRef"))
    for reference in references:
        if reference.text not in nodes:
            raise _at(reference, file, found=f"'{reference.text}' in a lane", expected="a step of this process")
    named = {reference.text for reference in references}
    for node in nodes.values():
        if references and node.kind in STEPS and node.id not in named:
            raise fault(file, node.line, node.id, found="no lane", expected="a role, since other steps have one")


def _check_node(graph: Graph, node: Node) -> None:
    into, out = len(graph.into[node.id]), len(graph.out[node.id])
    least_in, most_in, least_out, most_out = {
        "startEvent": (0, 0, 1, 1),
        "endEvent": (1, NODES, 0, 0),
        "exclusiveGateway": (1, NODES, 1, NODES),
        "parallelGateway": (1, NODES, 1, NODES),
    }.get(node.kind, (1, NODES, 1, 1))
    if not (least_in <= into <= most_in and least_out <= out <= most_out):
        expected = f"{_many(least_in, most_in)} in and {_many(least_out, most_out)} out at '{node.kind}'"
        raise fault(graph.file, node.line, node.id, found=f"{into} flows in, {out} out", expected=expected)
    for flow in graph.out[node.id]:
        _check_flow(graph, node, flow)


def _many(least: int, most: int) -> str:
    return str(least) if least == most else f"at least {least}"


def _check_flow(graph: Graph, node: Node, flow: Flow) -> None:
    chooses = node.kind == "exclusiveGateway" and len(graph.out[node.id]) > 1
    if flow.condition is not None and (not chooses or flow.id == node.default):
        expected = "conditions only on the flows of an exclusive gateway, and none on its default flow"
        raise fault(graph.file, flow.line, flow.id, found="a condition", expected=expected)
    if chooses and node.default not in {other.id for other in graph.out[node.id]}:
        expected = 'default="…" naming one of its flows, for when no condition holds'
        raise fault(graph.file, node.line, node.id, found=f"default flow {node.default!r}", expected=expected)
    if chooses and flow.condition is None and flow.id != node.default:
        raise fault(graph.file, flow.line, flow.id, found="no condition", expected="one, since it is not the default")


def _check_asked(graph: Graph) -> None:
    for flow in graph.flows():
        for asked in comparisons(flow.condition) if flow.condition is not None else ():
            node = graph.nodes.get(asked.step)
            if node is None or node.kind not in STEPS:
                steps = ", ".join(n.id for n in graph.nodes.values() if n.kind in STEPS)
                found = f"'{asked.step}.{asked.name}'"
                raise fault(graph.file, flow.line, flow.id, found=found, expected=f"an answer of one of {steps}")
