"""Workflows: what a file may hold and what it is refused for, how a run goes, and that nothing in it is executed."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import BadInput, RefusedError, SettingsError, Text, WorkflowSpec
from console.rules.workflow import ANSWERS_BYTES, STATE_BYTES, TASKS, Run, Workflow, load
from console.rules.workflow_condition import holds, read_condition
from console.rules.workflow_paths import FORESEEN

SPEC = WorkflowSpec(id="test", title=Text("测试", "Test"), file="test.bpmn")
HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">\n<process id="p">\n'
TAIL = "\n</process></definitions>"


def step(id_: str, kind: str = "userTask") -> str:
    """A step's element."""
    return f'<{kind} id="{id_}" name="步骤 | Step"/>'


def flow(source: str, target: str, condition: str = "") -> str:
    """A flow's element, `source_target` its id."""
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def made(*parts: str) -> Workflow:
    """The workflow of these elements, each on a line of its own from line 3 on."""
    return load(SPEC, HEAD + "\n".join(parts) + TAIL)


def chain(*nodes: str) -> list[str]:
    """Start, the given elements' ids in a row, end: the events and flows."""
    ids = ["begin", *nodes, "done"]
    flows = [flow(a, b) for a, b in itertools.pairwise(ids)]
    return ['<startEvent id="begin"/>', '<endEvent id="done"/>', *flows]


def choice(condition: str = "a.x == 1") -> list[str]:
    """Step a, a gateway, step b where the condition holds, else the end."""
    return [
        '<startEvent id="begin"/>',
        step("a"),
        '<exclusiveGateway id="g" default="g_done"/>',
        step("b"),
        '<endEvent id="done"/>',
        flow("begin", "a"),
        flow("a", "g"),
        flow("g", "b", condition),
        flow("g", "done"),
        flow("b", "done"),
    ]


FORK = [
    *('<startEvent id="begin"/>', '<parallelGateway id="fork"/>', step("a"), step("b"), '<parallelGateway id="join"/>'),
    *(step("c"), '<endEvent id="done"/>', flow("begin", "fork"), flow("fork", "a"), flow("fork", "b")),
    *(flow("a", "join"), flow("b", "join"), flow("join", "c"), flow("c", "done")),
]


def waiting(run: Run) -> list[str]:
    """Ids of what waits."""
    return [one.id for one in run.waiting()]


# ------------------------------------------------------------------ a run


def test_steps_wait_one_after_the_other_until_it_is_finished() -> None:
    run = made(*chain("a", "b"), step("a"), step("b", "manualTask")).start()
    seen = [(waiting(run), run.finished)]
    for id_, answers in (("a", {"note": "见附件"}), ("b", {})):
        run.complete(id_, answers)
        seen.append((waiting(run), run.finished))
    assert seen == [(["a"], False), (["b"], False), ([], True)]
    assert run.answers == {"a": {"note": "见附件"}, "b": {}}


def test_a_step_that_does_not_wait_is_refused_by_name_and_nothing_changes() -> None:
    run = made(*chain("a", "b"), step("a"), step("b")).start()
    before = run.state()
    for wrong in ("b", "nowhere", "begin"):
        with pytest.raises(RefusedError, match=f"'{wrong}' does not wait; waiting: a"):
            run.complete(wrong)
    assert run.state() == before


@pytest.mark.parametrize(("x", "after"), [(1, ["b"]), (1.0, ["b"]), (2, [])])
def test_a_gateway_goes_by_the_answer(x: float, after: list[str]) -> None:
    run = made(*choice()).start()
    run.complete("a", {"x": x})
    assert waiting(run) == after
    assert run.finished == (not after)


@pytest.mark.parametrize("answers", [{}, {"y": 1}, {"x": "1"}, {"x": None}, {"x": True}])
def test_an_answer_that_a_gateway_needs_is_asked_for(answers: dict[str, Any]) -> None:
    run = made(*choice()).start()
    before = run.state()
    with pytest.raises(BadInput, match="'x', which a gateway compares with 1"):
        run.complete("a", answers)
    assert run.state() == before
    assert [ask.name for ask in run.workflow.steps["a"].asks] == ["x"]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_parallel_branches_wait_for_each_other_in_any_order(order: str) -> None:
    run = made(*FORK).start()
    assert waiting(run) == ["a", "b"]
    run.complete(order[0], {"same": order[0]})
    assert waiting(run) == [order[1]]
    run.complete(order[1], {"same": order[1]})
    assert waiting(run) == ["c"]
    assert run.answers == {"a": {"same": "a"}, "b": {"same": "b"}}


@pytest.mark.parametrize("bad", [{"v": {1, 2}}, {"v": float("nan")}, {"v": b"x"}, {"v": (1,)}, {1: 2}, {"v": object()}])
def test_answers_that_json_cannot_hold_are_refused(bad: dict[Any, Any]) -> None:
    run = made(*chain("a"), step("a")).start()
    with pytest.raises(BadInput, match="answers of step 'a'"):
        run.complete("a", bad)
    assert waiting(run) == ["a"]


def test_answers_are_bounded_over_the_whole_run() -> None:
    run = made(*chain("a", "b"), step("a"), step("b")).start()
    run.complete("a", {"v": "x" * (ANSWERS_BYTES // 2)})
    with pytest.raises(BadInput, match=f"at most {ANSWERS_BYTES}"):
        run.complete("b", {"v": "x" * (ANSWERS_BYTES // 2)})
    assert waiting(run) == ["b"]
    longest = TASKS * len(msgspec.json.encode(["x" * 40, FORESEEN, 256]) + b",")
    assert ANSWERS_BYTES + longest + 1000 <= STATE_BYTES


def test_what_was_answered_cannot_be_changed_afterwards_from_outside() -> None:
    given_ = {"list": [1]}
    run = made(*chain("a"), step("a")).start()
    run.complete("a", given_)
    given_["list"].append(2)
    run.state().answers["a"]["list"].append(3)
    assert run.answers["a"] == {"list": [1]}


# ------------------------------------------------------------------ states


def test_a_state_of_another_version_workflow_or_course_is_refused_in_words() -> None:
    workflow = made(*choice())
    state = workflow.start().state()
    newer = load(msgspec.structs.replace(SPEC, version=2), HEAD + "\n".join(choice()) + TAIL)
    with pytest.raises(BadInput, match="found 'test' version 1; expected 'test' version 2"):
        newer.restore(state)
    with pytest.raises(BadInput, match="found 'other' version 1"):
        workflow.restore(msgspec.structs.replace(state, workflow="other"))
    with pytest.raises(BadInput, match="raise it"):
        made(*choice("a.x == 2")).restore(state)


def test_a_better_name_leaves_runs_alive() -> None:
    state = made(*chain("a"), step("a")).start().state()
    renamed = made(*chain("a"), step("a").replace("步骤", "更好的名字"))
    assert renamed.restore(state).waiting()[0].name.zh == "更好的名字"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_state_is_refused_or_harmless(data: st.DataObject) -> None:
    workflow = made(*FORK)
    run = workflow.start()
    run.complete("a")
    state = run.state()
    tasks = list(state.tasks)
    at = data.draw(st.integers(0, len(tasks) - 1))
    name, before, kind = tasks[at]
    tasks[at] = data.draw(
        st.sampled_from(
            [
                *(("nowhere", before, kind), (name, before + 1, kind), (name, len(tasks), kind), (name, -7, 3)),
                *((name, before, 1 << bit) for bit in range(9)),
            ]
        )
    )
    answers = data.draw(st.sampled_from([state.answers, {}, {"b": {}}]))
    try:
        again = workflow.restore(msgspec.structs.replace(state, tasks=tasks, answers=answers))
    except BadInput as error:
        assert "workflow 'test'" in str(error)
    else:
        assert {one.id for one in again.waiting()} <= set(workflow.steps)
        for one in again.waiting():
            try:
                again.complete(one.id)
            except (BadInput, RefusedError):
                break


def test_a_state_whose_start_still_waits_is_refused() -> None:
    workflow = made(*FORK)
    state = workflow.start().state()
    name, before, _ = state.tasks[0]
    with pytest.raises(BadInput, match="a start that was not passed"):
        workflow.restore(msgspec.structs.replace(state, tasks=[(name, before, 8), *state.tasks[1:]]))


def test_a_state_without_an_answer_that_a_gateway_asked_for_is_refused() -> None:
    workflow = made(*choice())
    run = workflow.start()
    run.complete("a", {"x": 1})
    with pytest.raises(BadInput, match="without the answers"):
        workflow.restore(msgspec.structs.replace(run.state(), answers={"a": {}}))


# ------------------------------------------------------------------ what a file may not hold


def refused(text: str) -> str:
    """What is said of a text that must not load."""
    with pytest.raises(SettingsError) as error:
        load(SPEC, text)
    said = str(error.value)
    assert said.startswith("test.bpmn line ") and "; found " in said and "; expected " in said, said
    return said


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE d [<!ENTITY a "b">]>' + HEAD + TAIL,
        '<?xml version="1.0"?>\n<!doctype d SYSTEM "file:///etc/passwd">' + HEAD + TAIL,
    ],
)
def test_a_document_type_is_refused_before_anything_is_parsed(text: str) -> None:
    assert "found a document type" in refused(text)


@pytest.mark.parametrize(
    ("element", "word"),
    [
        ('<scriptTask id="s"><script>import os</script></scriptTask>', "scriptTask"),
        ('<serviceTask id="s"/>', "serviceTask"),
        ('<businessRuleTask id="s"/>', "businessRuleTask"),
        ('<callActivity id="s" calledElement="p"/>', "callActivity"),
        ('<subProcess id="s"/>', "subProcess"),
        ('<inclusiveGateway id="s"/>', "inclusiveGateway"),
        ('<intermediateCatchEvent id="s"><timerEventDefinition/></intermediateCatchEvent>', "intermediateCatchEvent"),
        ('<userTask id="s" name="一 | one"><multiInstanceLoopCharacteristics/></userTask>', "multiInstanceLoop"),
        ('<endEvent id="s"><terminateEventDefinition/></endEvent>', "terminateEventDefinition"),
        ('<dataObject id="s"/>', "dataObject"),
        ('<userTask id="s" name="一 | one" isForCompensation="true"/>', "isForCompensation"),
    ],
)
def test_what_runs_programs_or_waits_for_clocks_is_refused_by_line(element: str, word: str) -> None:
    said = refused(HEAD + element + TAIL)
    assert "line 3" in said and word in said and "'s'" in said


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([*chain("a"), step("a").replace("步骤 | Step", "Step")], "both languages"),
        ([*chain("a"), step("a"), step("a")], "id 'a' a second time"),
        ([*chain("class"), step("class")], "an id of letters"),
        ([*chain("Start"), step("Start")], "an id of letters"),
        ([*chain("a"), step("a"), flow("a", "nowhere")], "an end at 'nowhere'"),
        ([*chain("a"), step("a"), flow("a", "done").replace("a_done", "twice")], "1 in and 1 out|found 1 flows in, 2"),
        ([*chain("a"), step("a"), step("lost")], "found 0 flows in, 0 out"),
        ([p.replace("<conditionE", "<conditionExpression/><conditionE") for p in choice()], "2 conditions"),
        ([*chain("a"), step("a"), step("b"), step("c"), flow("b", "c"), flow("c", "b")], "a circle through b, c"),
        ([p.replace(' default="g_done"', "") for p in choice()], "for when no condition holds"),
        (choice("b.x == 1"), "done whenever 'g' is reached"),
        (choice("nobody.x == 1"), "an answer of one of a, b"),
        (
            [p.replace('parallelGateway id="fork"', 'exclusiveGateway id="fork" default="fork_b"') for p in FORK],
            "no condition",
        ),
        (
            [p.replace('parallelGateway id="join"', 'exclusiveGateway id="join"') for p in FORK],
            "two branches that both come",
        ),
    ],
)
def test_a_course_that_cannot_be_gone_is_refused(parts: list[str], words: str) -> None:
    said = refused(HEAD + "\n".join(parts) + TAIL)
    assert any(word in said for word in words.split("|")), said


def test_a_join_of_branches_that_are_not_all_taken_is_refused() -> None:
    parts = [p.replace('endEvent id="done"', 'parallelGateway id="done"') for p in choice()]
    assert "was not taken" in refused(HEAD + "\n".join([*parts, '<endEvent id="e"/>', flow("done", "e")]) + TAIL)


def test_branches_that_multiply_are_refused_before_an_engine_foresees_them() -> None:
    parts, last = ['<startEvent id="begin"/>'], "begin"
    for n in range(20):
        parts += [f'<parallelGateway id="f{n}"/>', step(f"a{n}"), step(f"b{n}"), f'<parallelGateway id="j{n}"/>']
        parts += [flow(last, f"f{n}"), *(flow(f"f{n}", f"{x}{n}") + flow(f"{x}{n}", f"j{n}") for x in "ab")]
        last = f"j{n}"
    said = refused(HEAD + "\n".join([*parts, '<endEvent id="done"/>', flow(last, "done")]) + TAIL)
    assert f"at most {FORESEEN}" in said


def test_too_many_elements_and_too_long_a_text_are_refused() -> None:
    ids = [f"s{n}" for n in range(120)]
    assert "at most 100" in refused(HEAD + "\n".join([*chain(*ids), *map(step, ids)]) + TAIL)
    assert "characters" in refused(HEAD + " " * (1 << 20) + TAIL)


@given(st.text(max_size=60))
def test_any_text_loads_or_is_refused_in_words(text: str) -> None:
    refused(text)
    refused(HEAD + text + TAIL)


# ------------------------------------------------------------------ conditions


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('x')",
        "a.x.__class__ == 1",
        "a.x() == 1",
        "a['x'] == 1",
        "x == 1",
        "a.x == b.y",
        "1 == a.x",
        "0 < a.x < 3",
        "a.x == 9 ** 9 ** 9",
        "[a.x for a in b]",
        "lambda: 1",
        "a.x == (y := 1)",
        "a.x in ()",
        "a.x in 'abc'",
        "a.x == f'{b}'",
        "True",
        "a.x ==",
        "",
        "(" * 250,
        "not " * 70 + "x",
        "a.x == 1 " + "or a.x == 1 " * 50,
    ],
)
def test_whatever_is_no_comparison_is_refused(expression: str) -> None:
    assert refused_condition(expression)


def refused_condition(expression: str) -> bool:
    """Whether it is refused with its place, what was found and what is expected."""
    with pytest.raises(SettingsError) as error:
        read_condition(expression, "test.bpmn line 8, element 'g_b'")
    said = str(error.value)
    return said.startswith("test.bpmn line 8, element 'g_b', condition; found ") and "expected" in said


@pytest.mark.parametrize(
    ("expression", "x", "expected"),
    [
        ("a.x == 'red'", "red", True),
        ("a.x != 'red'", "red", False),
        ("a.x in ('red', 'orange')", "orange", True),
        ("a.x not in ('red', 'orange')", "orange", False),
        ("a.x >= 3 and not a.x > 5", 5, True),
        ("a.x < -1 or a.x == 0", -2, True),
        ("a.x == True", True, True),
        ("a.x < 3", "text", False),
    ],
)
def test_comparisons_mean_what_they_say(expression: str, x: Any, expected: bool) -> None:
    assert holds(read_condition(expression, "test"), {"a": {"x": x}}) is expected


@given(st.text(alphabet="ax.=<>!'1 ()[]andortio_", max_size=40))
def test_any_condition_is_read_or_refused(text: str) -> None:
    try:
        condition = read_condition(text, "test")
    except SettingsError:
        return
    assert condition is not None
