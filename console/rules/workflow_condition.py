"""Conditions at a workflow's gateways: comparisons of steps' answers with constants; nothing is ever executed.

A workflow file may come from elsewhere, so a condition is read as syntax (Python's own, `ast`) and only what is listed
here is taken: `step.answer` compared by == != < <= > >= with a constant, or by `in` with several; and, or, not.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from console.api import SettingsError, Value

Constant = str | int | float | bool
Answers = Mapping[str, Mapping[str, Any]]
"""By step, by name: what steps were completed with."""
CONDITION_CHARS: Final = 300
"""The longest condition; bounds the depth of what is read, too."""
EXPECTED: Final = "comparisons such as assess.level == 'red' or call.minutes > 5, joined by and, or, not"

_COMPARES: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda found, several: found in several,
    ast.NotIn: lambda found, several: found not in several,
}


class Comparison(Value, frozen=True, kw_only=True):
    """`step.name` compared with `values`: one constant, or several for `in`."""

    step: str
    name: str
    compare: Callable[[Any, Any], bool]
    values: tuple[Constant, ...]
    several: bool = False


class Combined(Value, frozen=True, kw_only=True):
    """`parts` joined by `word`: and, or; not has one part."""

    word: str
    parts: tuple[Comparison | Combined, ...]


Condition = Comparison | Combined


def read_condition(text: str, where: str) -> Condition:
    """The condition that `text` states. Raises SettingsError that names `where`, what was found and expected."""
    if len(text) > CONDITION_CHARS:
        expected = f"at most {CONDITION_CHARS}"
        raise SettingsError(f"{where}, condition", found=f"{len(text)} characters", expected=expected)
    try:
        return _read(ast.parse(text.strip(), mode="eval").body)
    except _Foreign as foreign:
        raise SettingsError(f"{where}, condition", found=repr(str(foreign)), expected=EXPECTED) from None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SettingsError(f"{where}, condition", found=repr(text.strip()), expected=EXPECTED) from None


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether it holds for `answers`, which have all that it compares; what cannot be ordered is not."""
    if isinstance(condition, Comparison):
        found = answers[condition.step][condition.name]
        try:
            return bool(condition.compare(found, condition.values if condition.several else condition.values[0]))
        except TypeError:
            return False
    if condition.word == "not":
        return not holds(condition.parts[0], answers)
    return (all if condition.word == "and" else any)(holds(part, answers) for part in condition.parts)


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison in it, from left to right."""
    if isinstance(condition, Comparison):
        yield condition
        return
    for part in condition.parts:
        yield from comparisons(part)


class _Foreign(Exception):
    """Syntax that is not taken; the message is that piece of text."""


def _read(node: ast.expr) -> Condition:
    match node:
        case ast.BoolOp(op, parts):
            return Combined(word="and" if isinstance(op, ast.And) else "or", parts=tuple(map(_read, parts)))
        case ast.UnaryOp(ast.Not(), operand):
            return Combined(word="not", parts=(_read(operand),))
        case ast.Compare(ast.Attribute(ast.Name(step), name), [compare], [right]) if type(compare) in _COMPARES:
            several = isinstance(compare, ast.In | ast.NotIn)
            values = _several(right) if several else (_constant(right),)
            return Comparison(step=step, name=name, compare=_COMPARES[type(compare)], values=values, several=several)
    raise _Foreign(ast.unparse(node))


def _several(node: ast.expr) -> tuple[Constant, ...]:
    if isinstance(node, ast.Tuple | ast.List) and node.elts:
        return tuple(map(_constant, node.elts))
    raise _Foreign(ast.unparse(node))


def _constant(node: ast.expr) -> Constant:
    match node:
        case ast.Constant(str() | bool() | int() | float() as value):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)) if not isinstance(value, bool):
            return -value
    raise _Foreign(ast.unparse(node))
