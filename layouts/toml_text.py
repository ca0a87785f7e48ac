"""Writes plain values as readable TOML; knows no layout. (Reading is the standard library's.)"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(k)} = {_scalar(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_scalar(v) for v in value) + "]"
    raise TypeError(f"{type(value).__name__} has no TOML form")


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "")
    return key if bare.isascii() and bare.isalnum() else json.dumps(key, ensure_ascii=False)


def toml_text(table: Mapping[str, Any], path: str = "") -> str:
    """A table as TOML: plain keys first, then sub-tables and arrays of tables, each under its full path.

    Tables that stand inside an array of plain values are written inline. Raises TypeError for what TOML cannot say.
    """
    lines: list[str] = []
    later: list[str] = []
    for key, value in table.items():
        full = f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, Mapping) and any(_is_tables(v) for v in value.values()):
            later.append(f"\n[{full}]\n{toml_text(value, full)}")
        elif _is_tables(value):
            later.extend(f"\n[[{full}]]\n{toml_text(item, full)}" for item in value)
        else:
            lines.append(f"{_key(key)} = {_scalar(value)}\n")
    return "".join(lines) + "".join(later)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)
