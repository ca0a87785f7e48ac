"""Habits of the house that a linter does not know, read from the source: each rule names what it forbids and why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("console", "widgets", "layouts", "plugins")
FILES = [*sorted(f for top in OURS for f in (ROOT / top).rglob("*.py")), ROOT / "main.py"]
FORBIDDEN_NAMES = ("Manager", "Helper", "Util", "Utils", "Base", "Data", "Info", "Handler")
SCHEME_HANDLERS = {"widgets/kit/web.py"}
"""Qt's own word: a subclass of QWebEngineUrlSchemeHandler may be called one."""


def name_of(path: Path) -> str:
    """The path as the repository writes it."""
    return path.relative_to(ROOT).as_posix()


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(last part of the called name, line) of every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                yield called.attr, node.lineno
            elif isinstance(called, ast.Name):
                yield called.id, node.lineno


def mentions(tree: ast.AST, dotted: str) -> Iterator[int]:
    """Lines of code that name it, called or handed over."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == dotted:
            yield node.lineno


@pytest.fixture(scope="module")
def sources() -> list[tuple[str, ast.Module]]:
    """Every file of ours, parsed once."""
    return [(name_of(path), ast.parse(path.read_text("utf-8"))) for path in FILES]


def test_tasks_are_started_by_the_one_supervisor(sources: list[tuple[str, ast.Module]]) -> None:
    bare = [
        f"{name}:{line} starts a task that nobody owns"
        for name, tree in sources
        for called, line in calls(tree)
        if called in ("create_task", "ensure_future") and name != "console/tasks.py"
    ]
    assert not bare, bare


def test_no_wait_that_swallows_a_cancellation(sources: list[tuple[str, ast.Module]]) -> None:
    """Up to Python 3.11 `asyncio.wait_for` returns an answer that came in the turn of the cancellation, and the task
    goes on for ever: a console that was closed just then never ended."""
    swallowing = [
        f"{name}:{line} use `async with asyncio.timeout(…)`"
        for name, tree in sources
        for line in mentions(tree, "asyncio.wait_for")
    ]
    assert not swallowing, swallowing


def test_no_nested_event_loops(sources: list[tuple[str, ast.Module]]) -> None:
    nested = [
        f"{name}:{line} stalls every coroutine; use open() and a future"
        for name, tree in sources
        for called, line in calls(tree)
        if called in ("exec", "exec_", "processEvents")
    ]
    assert not nested, nested


def late_imports(tree: ast.Module) -> Iterator[int]:
    """Lines that import our own code inside a function."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
                    yield node.lineno
                if isinstance(node, ast.Import) and any(a.name.split(".")[0] in OURS for a in node.names):
                    yield node.lineno


def test_own_code_is_imported_at_the_top(sources: list[tuple[str, ast.Module]]) -> None:
    late = [
        f"{name}:{line} hides an import from the contracts" for name, tree in sources for line in late_imports(tree)
    ]
    assert not late, late


def test_a_module_opens_with_its_role(sources: list[tuple[str, ast.Module]]) -> None:
    silent = [name for name, tree in sources if not (ast.get_docstring(tree) or "").strip()]
    assert not silent, f"these do not say what they are and what they must not know: {silent}"


def test_names_say_what_a_thing_is(sources: list[tuple[str, ast.Module]]) -> None:
    vague = [
        f"{name}: {node.name}"
        for name, tree in sources
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_NAMES) and name not in SCHEME_HANDLERS
    ]
    assert not vague, vague


def test_no_sleep_blocks_the_loop_or_a_test() -> None:
    found = [
        f"{name_of(path)}:{line}"
        for path in FILES + sorted((ROOT / "tests").rglob("*.py"))
        if "time.sleep" in (text := path.read_text("utf-8"))
        for line in mentions(ast.parse(text), "time.sleep")
    ]
    assert not found, found


def test_documents_name_only_files_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = {word.strip("`.,:;()") for word in text.replace("`", " ` ").split()}
    paths = {n for n in named if "/" in n and n.split("/")[0] in (*OURS, "docs", "tests", "resources") and "*" not in n}
    missing = sorted(p for p in paths if not (ROOT / p).exists())
    assert not missing, missing
    assert len(paths) >= 15


def test_links_in_documents_lead_somewhere() -> None:
    documents = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    links = [
        (page, link.partition("#")[0])
        for page in documents
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
        if not link.startswith(("https:", "mailto:", "#"))
    ]
    dead = [f"{name_of(page)}: {link}" for page, link in links if not (page.parent / link).exists()]
    assert not dead, dead
    assert len(links) >= 15
