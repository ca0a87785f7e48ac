"""The one resolver of what manifests declare; the only place that imports our own code by name.

main.py begins with it: it must not know the contract, whose numpy would hold up every start.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    for path in read_manifest(manifest).get(key, []):
        try:
            found.append(resolve(path))
        except SettingsError as error:
            if on_error is None:
                raise
            on_error(error)
    return found


def read_manifest(manifest: Path) -> dict[str, Any]:
    """A manifest's tables. Raises SettingsError naming it where it cannot be read."""
    try:
        return tomllib.loads(manifest.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{manifest.name}", found=str(error), expected="a readable TOML manifest") from error
