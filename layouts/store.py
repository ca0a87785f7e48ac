"""Layouts as files: presets that are shipped, and the operator's own in the state folder; knows no Qt."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from console.api import SettingsError
from layouts.canvas import check_canvas
from layouts.spans_before import of_version_2
from layouts.toml_text import toml_text
from layouts.tree import VERSION, Layout, Part, Screen, check

PRESETS = Path(__file__).parent / "presets"


def _of_version_1(raw: dict[str, Any]) -> dict[str, Any]:
    """Version 2 has more keys and no other meaning of those of version 1."""
    return raw


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _of_version_1, 2: of_version_2}
"""From version n to n + 1, as steps on the raw table."""


def read(path: Path) -> Layout:
    """A layout from a file. Raises SettingsError naming file and key."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"layout {path.name}", found=error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"layout {path.name}", found=str(error), expected="TOML") from error
    return parse(raw, path.name)


def parse_text(toml: str, where: str) -> Layout:
    """A layout from TOML that is no file. Raises SettingsError as `parse`, and for what is no TOML."""
    try:
        raw = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(where, found=str(error), expected="TOML") from error
    return parse(raw, where)


def parse(raw: dict[str, Any], where: str) -> Layout:
    """A layout from its table, migrated to today's version. Raises SettingsError naming `where` and the key."""
    version = raw.get("version")
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise SettingsError(f"{where}: key 'version'", found=repr(version), expected=f"1 to {VERSION}")
    while version < VERSION:
        raw = MIGRATIONS[version](raw)
        version += 1
    try:
        layout = msgspec.convert({**raw, "version": VERSION}, _Strict)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {error}") from error
    _refuse_unknown(raw, where)
    return check_canvas(check(msgspec.convert(msgspec.to_builtins(layout), Layout), where), where)


class _Strict(Layout, frozen=True, forbid_unknown_fields=True):
    """A layout whose top level refuses keys that it does not know."""


_SCREEN_KEYS = {field.encode_name for field in msgspec.structs.fields(Screen)}
_PART_KEYS = {field.encode_name for field in msgspec.structs.fields(Part)}


def _refuse_unknown(raw: dict[str, Any], where: str) -> None:
    def part(table: dict[str, Any], at: str) -> None:
        _refuse(set(table) - _PART_KEYS, at, _PART_KEYS)
        for key in ("parts", "tabs"):
            for i, child in enumerate(table.get(key, [])):
                part(child, f"{at}.{key}[{i}]")

    for screen in raw.get("screens", []):
        at = f"{where}: screen '{screen.get('name', '?')}'"
        _refuse(set(screen) - _SCREEN_KEYS, at, _SCREEN_KEYS)
        part(screen["tree"], f"{at}, tree")


def _refuse(unknown: set[str], at: str, known: set[str]) -> None:
    if unknown:
        raise SettingsError(f"{at}: unknown key '{min(unknown)}'", expected=f"one of {', '.join(sorted(known))}")


def written(layout: Layout) -> str:
    """A layout as the text of its file."""
    return toml_text({"version": VERSION, **msgspec.to_builtins(layout)})


def id_of(name: str) -> str:
    """The id of a layout of that name, fit for a file's; "" where nothing of the name is."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name.strip()).strip("-")


class LayoutStore:
    """Layouts by id: the operator's own shadow the shipped ones of the same id.

    Args:
        folder: where own layouts are kept; made when the first is saved.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ids(self) -> tuple[str, ...]:
        """All ids, sorted."""
        files = [*PRESETS.glob("*.toml"), *self._folder.glob("*.toml")]
        return tuple(sorted({file.stem for file in files}))

    def load(self, layout_id: str) -> Layout:
        """A layout by id. Raises SettingsError when there is none, or it cannot be used."""
        for folder in (self._folder, PRESETS):
            file = folder / f"{layout_id}.toml"
            if file.is_file():
                return read(file)
        raise SettingsError(f"layout '{layout_id}'", found="no such layout", expected=f"one of {', '.join(self.ids())}")

    def own(self) -> tuple[str, ...]:
        """Ids of the operator's own layouts, sorted."""
        return tuple(sorted(file.stem for file in self._folder.glob("*.toml")))

    def is_shipped(self, layout_id: str) -> bool:
        """Whether a layout of that id is shipped, whatever shadows it."""
        return (PRESETS / f"{layout_id}.toml").is_file()

    def drop(self, layout_id: str) -> None:
        """Forget an own layout; a shipped one of the same id is seen again. Raises OSError."""
        (self._folder / f"{layout_id}.toml").unlink(missing_ok=True)

    def set_aside(self, layout_id: str) -> Path:
        """Keep an own layout that cannot be used under another name, for a person to look at. Raises OSError."""
        file = self._folder / f"{layout_id}.toml"
        return file.replace(file.with_suffix(".toml.bad"))

    def save(self, layout: Layout) -> Path:
        """Write an own layout, whole or not at all. Raises SettingsError for an id that is no file name, or OSError."""
        if not layout.id or Path(layout.id).name != layout.id or layout.id.startswith("."):
            raise SettingsError("layout id", found=repr(layout.id), expected="a plain file name")
        check_canvas(check(layout, layout.id), layout.id)
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{layout.id}.toml"
        fresh = file.with_suffix(".toml.new")
        text = written(layout)
        with fresh.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
        return file
