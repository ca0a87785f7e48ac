"""Every English text in the code has its Chinese one, and no Chinese one is left over."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("console/shell", "console/stage", "console/walls", "widgets", "layouts", "plugins")


def said() -> Iterator[tuple[str, str, str]]:
    """(context, source, where) of every `translate` call with literal texts, also through a package's own shorthand."""
    rooms = (file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")))
    for file in (*rooms, *sorted((ROOT / "console").glob("*.py"))):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        short = _shorthands(file.parent)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name, texts = _name(node.func), _texts(node)
            where = f"{file.relative_to(ROOT)}:{node.lineno}"
            if name == "translate" and len(texts) == 2:
                yield texts[0], texts[1], where
            elif name in short and texts:
                yield short[name], texts[0], where


def _texts(call: ast.Call) -> list[str]:
    return [a.value for a in call.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]


@cache
def _shorthands(folder: Path) -> dict[str, str]:
    """A package's functions that hand their text on to `translate` under one context: name → context."""
    found: dict[str, str] = {}
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in folder.glob("*.py")]
    for function in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _name(node.func) == "translate" and len(_texts(node)) == 1:
                    found[function.name] = _texts(node)[0]
    return found


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def translated() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for file in sorted((ROOT / "resources" / "translations").glob("*_zh.ts")):
        for context in ET.parse(file).getroot().iter("context"):
            for message in context.iter("message"):
                translation = message.find("translation")
                if translation is not None and translation.get("type") is None:
                    key = (context.findtext("name") or "", message.findtext("source") or "")
                    found[key] = translation.text or ""
    return found


def test_every_text_has_its_chinese() -> None:
    known = translated()
    missing = [
        f"{where}: {context} | {source}" for context, source, where in said() if not known.get((context, source))
    ]
    assert not missing


def test_no_chinese_text_is_left_over() -> None:
    used = {(context, source) for context, source, _ in said()}
    assert not [key for key in translated() if key not in used]


def test_placeholders_are_the_same_in_both() -> None:
    for (_, source), chinese in translated().items():
        assert _fields(source) == _fields(chinese), source


def _fields(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}
