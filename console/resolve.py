"""The one resolver of what manifests declare; the only place that imports our own code by name."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from console.api import WorkflowSpec
from console.model.errors import SettingsError


def resolve(path: str) -> Any:
    """The object that "module:name" names. Raises SettingsError when there is none."""
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(f"'{path}'", found=str(error), expected="module:name of something importable") from error


def declared(manifest: Path, key: str, on_error: Callable[[SettingsError], None] | None = None) -> list[Any]:
    """All objects that the manifest (a plugin.toml) lists under `key`.

    Raises SettingsError for a manifest that cannot be read; for an entry that cannot be resolved it tells `on_error`
    and goes on with the others, or raises where nobody is told.
    """
    found = []
    for path in _read(manifest).get(key, []):
        try:
            found.append(resolve(path))
        except SettingsError as error:
            if on_error is None:
                raise
            on_error(error)
    return found


def declared_workflows(manifest: Path) -> list[tuple[WorkflowSpec, str]]:
    """Each workflow that the manifest lists under `workflows`, with the text of its file beside the manifest.

    Raises SettingsError where one cannot be read or its file is not beside the manifest; the text is not judged here.
    """
    found = []
    for number, raw in enumerate(_read(manifest).get("workflows", []), 1):
        where = f"{manifest.name}, workflow {number}"
        try:
            spec = msgspec.convert(raw, WorkflowSpec)
            file = Path(spec.file)
            if file.is_absolute() or ".." in file.parts:
                raise SettingsError(where, found=f"file '{spec.file}'", expected="a file beside the manifest")
            found.append((spec, (manifest.parent / file).read_text("utf-8")))
        except (msgspec.ValidationError, OSError, UnicodeDecodeError) as error:
            raise SettingsError(where, found=str(error), expected="id, title [zh, en], file, version") from error
    return found


def _read(manifest: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(manifest.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{manifest.name}", found=str(error), expected="a readable TOML manifest") from error
