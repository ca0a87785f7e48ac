"""One suite over every declared workflow: each step is reached, each course ends, a state is taken up anywhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from console.api import RefusedError, WorkflowSpec
from console.rules.workflow import STATE_BYTES, Run, RunState, Step, Workflow, load
from console.workflow_files import declared_workflows

MANIFEST = Path(__file__).parents[2] / "resources" / "workflows" / "plugin.toml"
DECLARED: list[tuple[WorkflowSpec, str]] = declared_workflows(MANIFEST)


@pytest.fixture(params=DECLARED, ids=lambda declared: declared[0].id)
def workflow(request: pytest.FixtureRequest) -> Workflow:
    """Each declared workflow, loaded."""
    return load(*request.param)


def ways(step: Step) -> Iterator[dict[str, Any]]:
    """Answers that take every way that gateways know: each constant they compare with, and another one."""
    names = [ask.name for ask in step.asks]
    for values in itertools.product(*([*ask.values, other(ask.values[0])] for ask in step.asks)):
        yield dict(zip(names, values, strict=True))


def other(value: object) -> object:
    """A value of the same sort that no gateway names."""
    return "other" if isinstance(value, str) else not value if isinstance(value, bool) else -1e9


def courses(workflow: Workflow) -> Iterator[Run]:
    """Every situation that persons can bring it to, each as a run restored from its state."""
    first = workflow.start().state()
    seen, waiting = {msgspec.json.encode(first)}, [first]
    while waiting:
        state = waiting.pop()
        yield workflow.restore(state)
        for step in workflow.restore(state).waiting():
            for answers in ways(step):
                run = workflow.restore(state)
                run.complete(step.id, answers)
                key = msgspec.json.encode(run.state())
                if key not in seen:
                    seen.add(key)
                    waiting.append(run.state())


def test_ids_are_unique() -> None:
    assert len({spec.id for spec, _ in DECLARED}) == len(DECLARED) >= 1


@pytest.mark.parametrize(("spec", "text"), DECLARED, ids=[spec.id for spec, _ in DECLARED])
def test_its_file_is_bpmn_by_the_standards_own_schema(spec: WorkflowSpec, text: str) -> None:
    BpmnValidator().validate(etree.fromstring(text.encode()), spec.file)


def test_both_languages_are_there(workflow: Workflow) -> None:
    for text in (workflow.spec.title, *(step.name for step in workflow.steps.values())):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh), text
        assert text.en.isascii() and text.en, text
    for step in workflow.steps.values():
        assert step.role.zh and step.role.en, f"{step.id} is nobody's"


def test_every_step_is_reached_and_every_course_ends(workflow: Workflow) -> None:
    reached, ends = set[str](), 0
    for run in courses(workflow):
        reached |= {step.id for step in run.waiting()}
        assert run.finished == (not run.waiting())
        assert len(run.answers) <= len(workflow.steps)
        ends += run.finished
    assert reached == set(workflow.steps)
    assert ends


def test_a_state_is_taken_up_anywhere_and_stays_short(workflow: Workflow) -> None:
    for run in courses(workflow):
        state = run.state()
        told = msgspec.json.encode(state)
        assert len(told) <= STATE_BYTES
        again = workflow.restore(msgspec.json.decode(told, type=RunState))
        assert again.state() == state
        assert again.waiting() == run.waiting()
        assert again.answers == run.answers
        for step in run.waiting():
            one, two = workflow.restore(state), workflow.restore(state)
            for each in (one, two):
                each.complete(step.id, next(ways(step)))
            assert one.state() == two.state()
            with pytest.raises(RefusedError, match="does not wait"):
                one.complete(step.id, next(ways(step)))
