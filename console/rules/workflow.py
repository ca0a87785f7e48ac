"""Workflows (BPMN) as pure rules: load, start, what waits, complete, state, restore; knows neither files nor clocks.

The engine is SpiffWorkflow, fed only with what `workflow_graph` let through and `workflow_paths` proved to end, and
with conditions that `workflow_condition` read: it gets nothing to execute. Answers live here, by step, and not in the
engine, so that parallel branches cannot overwrite each other and the order of their completion changes no outcome.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from console.api import BadInput, RefusedError, Text, Value, WorkflowSpec
from console.rules.workflow_condition import Condition, Constant, comparisons, holds
from console.rules.workflow_graph import STEPS, Graph, read_graph
from console.rules.workflow_paths import FORESEEN, check_paths

STATE_BYTES: Final = 64 << 10
"""The longest state as JSON; the engine's part is bounded by FORESEEN."""
ANSWERS_BYTES: Final = 32 << 10
"""The longest answers of a whole run as JSON."""
TASKS: Final = FORESEEN + 1
_TASK_STATES: Final = frozenset(1 << bit for bit in range(9))
logging.getLogger("spiff").setLevel(logging.WARNING)  # it tells of every task


class Ask(Value, frozen=True, kw_only=True):
    """An answer that a step must give: its name and the constants that gateways compare it with, in their order."""

    name: str
    values: tuple[Constant, ...]


class Step(Value, frozen=True, kw_only=True):
    """A step that a person completes; `role` is its lane's name, empty where the workflow has no lanes."""

    id: str
    name: Text
    role: Text
    asks: tuple[Ask, ...] = ()


class RunState(Value, frozen=True, kw_only=True):
    """A run as a JSON-able value: `answers` by step, `tasks` as (element, number of the one before, engine's state)."""

    workflow: str
    version: int
    course: str
    answers: dict[str, dict[str, Any]]
    tasks: list[tuple[str, int, int]]


class Workflow:
    """A checked workflow, from which runs are started or restored. Made by `load`."""

    def __init__(self, spec: WorkflowSpec, graph: Graph) -> None:
        self.spec = spec
        self.steps: Mapping[str, Step] = _steps(graph)
        self.conditions: Mapping[str, Condition] = {
            flow.expression: flow.condition for flow in graph.flows() if flow.condition is not None
        }
        self.course = _course(graph)
        """Changes with steps, flows and conditions, not with names."""
        parser = BpmnParser()
        parser.add_bpmn_xml(graph.tree)
        self.engine_spec = parser.get_spec(graph.process)

    def start(self) -> Run:
        """A new run, at its first steps."""
        answers: dict[str, dict[str, Any]] = {}
        engine = BpmnWorkflow(self.engine_spec, script_engine=_Conditions(self.conditions, answers))
        engine.do_engine_steps()
        return Run(self, engine, answers)

    def restore(self, state: RunState) -> Run:
        """The run that `state` was taken of. Raises BadInput for another workflow's or version's, or a damaged one."""
        self._check_ours(state)
        answers: dict[str, dict[str, Any]] = _copied(state.answers)
        engine = BpmnWorkflow(self.engine_spec, script_engine=_Conditions(self.conditions, answers), deserializing=True)
        self._plant(engine, state)
        asked = {step.id: {ask.name for ask in step.asks} for step in self.steps.values()}
        if any(not asked.get(step, set()) <= given.keys() for step, given in answers.items()):
            raise self._damaged("a step done without the answers that gateways ask for")
        if any(task.state == TaskState.READY and not task.task_spec.manual for task in engine.tasks.values()):
            raise self._damaged("a gateway or event that was not passed")
        done = {task.task_spec.name for task in engine.tasks.values() if task.state == TaskState.COMPLETED}
        if done & set(self.steps) != set(answers):
            raise self._damaged("answers that do not fit the steps done")
        return Run(self, engine, answers)

    def _check_ours(self, state: RunState) -> None:
        ours = f"'{self.spec.id}' version {self.spec.version}"
        if (state.workflow, state.version) != (self.spec.id, self.spec.version):
            found = f"'{state.workflow}' version {state.version}"
            raise BadInput("state of a workflow", found=found, expected=ours, tip="end the run with its own version")
        if state.course != self.course:
            tip = "its course was changed without raising the version: raise it"
            raise BadInput("state of a workflow", found=f"{ours} with another course", expected="ours", tip=tip)

    def _plant(self, engine: Any, state: RunState) -> None:
        """Grow the engine's tree of tasks again, each below the one before it."""
        planted: list[Any] = []
        if not 0 < len(state.tasks) <= TASKS:
            raise self._damaged(f"{len(state.tasks)} tasks")
        for name, before, at in state.tasks:
            above = planted[before] if 0 <= before < len(planted) else None
            allowed = above.task_spec.outputs if above is not None else [] if planted else [self.engine_spec.start]
            spec = next((spec for spec in allowed if spec.name == name), None)
            if spec is None or at not in _TASK_STATES:
                raise self._damaged(f"task '{name}' in state {at} where it cannot be")
            planted.append(Task(engine, spec, above, at, uuid.UUID(int=len(planted) + 1)))
        if planted[0].state != TaskState.COMPLETED:
            raise self._damaged("a start that was not passed")
        engine.task_tree = planted[0]

    def _damaged(self, found: str) -> BadInput:
        return BadInput(f"state of workflow '{self.spec.id}'", found=found, expected="a state as `state` gave it")


class Run:
    """One run of a workflow; changed by `complete` alone, which does all or nothing."""

    def __init__(self, workflow: Workflow, engine: Any, answers: dict[str, dict[str, Any]]) -> None:
        self.workflow, self._engine, self._answers = workflow, engine, answers

    @property
    def finished(self) -> bool:
        """Whether every branch has come to an end."""
        return bool(self._engine.is_completed())

    @property
    def answers(self) -> Mapping[str, Mapping[str, Any]]:
        """What each step done was completed with."""
        return self._answers

    def waiting(self) -> tuple[Step, ...]:
        """The steps that wait for a person, in the order of the file."""
        ready = {task.task_spec.name for task in self._ready()}
        return tuple(step for step in self.workflow.steps.values() if step.id in ready)

    def complete(self, step_id: str, answers: Mapping[str, Any] | None = None) -> None:
        """Complete a waiting step with its answers (JSON-able, names that gateways ask for at least).

        Raises RefusedError where it does not wait, BadInput where the answers will not do; the run then stays as it is.
        """
        task = next((task for task in self._ready() if task.task_spec.name == step_id), None)
        if task is None:
            waiting = ", ".join(step.id for step in self.waiting()) or "nothing: the workflow is finished"
            raise RefusedError(f"step '{step_id}' does not wait; waiting: {waiting}")
        given = self._taken(self.workflow.steps[step_id], dict(answers or {}))
        self._answers[step_id] = given
        try:
            task.run()
            self._engine.do_engine_steps()
        except SpiffWorkflowException as error:  # proved not to be, but for a state that was changed by hand
            what = f"run of workflow '{self.workflow.spec.id}'"
            raise BadInput(what, found=str(error), expected="a state as `state` gave it") from error

    def state(self) -> RunState:
        """All of the run, at most STATE_BYTES as JSON; the same acts always give the same state."""
        order = list(_grown(self._engine.task_tree))
        number = {task.id: n for n, task in enumerate(order)}
        return RunState(
            workflow=self.workflow.spec.id,
            version=self.workflow.spec.version,
            course=self.workflow.course,
            answers=_copied(self._answers),
            tasks=[(t.task_spec.name, number[t.parent.id] if t.parent is not None else -1, t.state) for t in order],
        )

    def _ready(self) -> list[Any]:
        found: list[Any] = self._engine.get_tasks(state=TaskState.READY, manual=True)
        return found

    def _taken(self, step: Step, answers: dict[str, Any]) -> dict[str, Any]:
        """The answers as they will be kept."""
        what = f"answers of step '{step.id}'"
        try:
            whole = _copied({**self._answers, step.id: answers})
        except (TypeError, ValueError, RecursionError, OverflowError, msgspec.MsgspecError) as error:
            raise BadInput(what, found=str(error), expected="values that JSON can hold") from error
        if whole[step.id] != answers:
            raise BadInput(what, found="a value that JSON would change", expected="text, numbers, lists and maps")
        size = len(msgspec.json.encode(whole))
        if size > ANSWERS_BYTES:
            expected = f"at most {ANSWERS_BYTES} in the whole run"
            raise BadInput(what, found=f"{size} bytes with it", expected=expected, tip="name files by their hash")
        for ask in step.asks:
            _check_asked(what, ask, answers)
        kept: dict[str, Any] = whole[step.id]
        return kept


class _Conditions:
    """What the engine asks in place of Python: a condition that was read before, over the answers so far."""

    def __init__(self, conditions: Mapping[str, Condition], answers: Mapping[str, Mapping[str, Any]]) -> None:
        self._conditions, self._answers = conditions, answers

    def evaluate(self, task: object, expression: str, external_context: object = None) -> bool:
        """Whether the condition holds."""
        return holds(self._conditions[expression.strip()], self._answers)

    def execute(self, *_: object, **__: object) -> bool:
        """Nothing is ever executed."""
        raise RefusedError("a workflow runs no script")

    call_service = execute


def load(spec: WorkflowSpec, text: str) -> Workflow:
    """The workflow of a BPMN text. Raises SettingsError naming element id, line, what was found and expected."""
    graph = read_graph(text, spec.file)
    check_paths(graph)
    return Workflow(spec, graph)


def _steps(graph: Graph) -> dict[str, Step]:
    asked: dict[str, dict[str, list[Constant]]] = {}
    for flow in graph.flows():
        for one in comparisons(flow.condition) if flow.condition is not None else ():
            values = asked.setdefault(one.step, {}).setdefault(one.name, [])
            values += [value for value in one.values if value not in values]
    return {
        node.id: Step(
            id=node.id,
            name=node.name,
            role=node.role,
            asks=tuple(Ask(name=name, values=tuple(values)) for name, values in asked.get(node.id, {}).items()),
        )
        for node in graph.nodes.values()
        if node.kind in STEPS
    }


def _course(graph: Graph) -> str:
    nodes = [(node.id, node.kind, node.default) for node in graph.nodes.values()]
    flows = [(flow.id, flow.source, flow.target, flow.expression) for flow in graph.flows()]
    return hashlib.sha256(msgspec.json.encode([nodes, flows])).hexdigest()[:16]


def _check_asked(what: str, ask: Ask, answers: Mapping[str, Any]) -> None:
    expected = f"'{ask.name}', which a gateway compares with {', '.join(map(repr, ask.values))}"
    if ask.name not in answers:
        raise BadInput(what, found=", ".join(answers) or "none", expected=expected)
    given = answers[ask.name]
    if _sort(given) not in {_sort(value) for value in ask.values}:
        raise BadInput(what, found=f"{ask.name} = {given!r}", expected=expected)


def _sort(value: object) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def _copied(value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    copied: dict[str, dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(value))
    return copied


def _grown(task: Any) -> list[Any]:
    """A task and all below it, each after the one before it."""
    order, rest = [], [task]
    while rest:
        one = rest.pop()
        order.append(one)
        rest += reversed(one.children)
    return order
