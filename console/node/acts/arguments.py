"""An intent's flat arguments as typed values, refused in both languages; knows no act and no entity."""

from __future__ import annotations

import enum
import math
import types
from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec

from console.api import Text, Value
from console.node.act import RuleError
from console.wire.frames import Intent

F = TypeVar("F", bound=Value)
_SHOWN: Final = 60
_WORDS: Final[Mapping[Any, Text]] = {
    str: Text("文字", "a text"),
    int: Text("整数", "a whole number"),
    float: Text("数", "a number"),
    bool: Text("是或否", "true or false"),
}
_RANGES: Final = {"lon": 180.0, "lat": 90.0}
"""Degrees to both sides of zero."""


def read(intent: Intent, form: type[F]) -> F:
    """The arguments as a `form`; None, "" and left out are the same. Raises RuleError naming what does not fit."""
    fields = {field.name: field for field in msgspec.structs.fields(form)}
    given = {name: value for name, value in intent.arguments.items() if value is not None and value != ""}
    for name in given:
        if name not in fields:
            known = ", ".join(fields)
            shown = str(name)[:_SHOWN]
            raise RuleError(f"未知参数 {shown}；应为：{known}", f"unknown argument {shown!r}; expected one of {known}")
    for name, field in fields.items():
        if field.required and name not in given:
            what = _words(field.type)
            raise RuleError(f"缺少参数 {name}：应为{what.zh}", f"argument {name} is missing; expected {what.en}")
    return form(**{name: _value(name, value, fields[name].type) for name, value in given.items()})


def _value(name: str, value: Any, type_: Any) -> Any:
    try:
        read: Any = msgspec.convert(value, type_)
    except msgspec.ValidationError:
        raise _wrong(name, value, _words(type_)) from None
    if isinstance(read, float):
        most = _RANGES.get(name, math.inf)
        if not math.isfinite(read) or abs(read) > most:
            raise _wrong(name, value, Text(f"{-most:g} 至 {most:g} 的数", f"a number from {-most:g} to {most:g}"))
    return read


def _wrong(name: str, value: Any, expected: Text) -> RuleError:
    found = repr(value)[:_SHOWN]
    return RuleError(
        f"参数 {name}：得到 {found}，应为{expected.zh}", f"argument {name}: found {found}, expected {expected.en}"
    )


def _words(type_: Any) -> Text:
    if isinstance(type_, types.UnionType):
        return _words(next(part for part in get_args(type_) if part is not type(None)))
    if isinstance(type_, type) and issubclass(type_, enum.Enum):
        values = [str(member.value) for member in type_]
        return Text(f"{'、'.join(values)} 之一", f"one of {', '.join(values)}")
    if get_origin(type_) is tuple:
        parts = get_args(type_)
        of = _words(parts[0])
        if parts[-1] is Ellipsis:
            return Text(f"{of.zh}列表", f"a list, each {of.en}")
        return Text(f"{len(parts)} 个{of.zh}", f"a list of {len(parts)}, each {of.en}")
    return _WORDS.get(type_, Text("另一种值", "another kind of value"))
