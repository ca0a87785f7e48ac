"""Workflows that a manifest declares, with the text of their files; judges no text and runs nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from console.api import SettingsError, WorkflowSpec
from console.resolve import read_manifest


def declared_workflows(manifest: Path) -> list[tuple[WorkflowSpec, str]]:
    """Each workflow that the manifest lists under `workflows`, with the text of its file beside the manifest.

    Raises SettingsError where one cannot be read or its file is not beside the manifest; the text is not judged here.
    """
    found = []
    for number, raw in enumerate(read_manifest(manifest).get("workflows", []), 1):
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
