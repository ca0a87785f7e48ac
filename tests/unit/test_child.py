"""A supervised program: what it is started with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.child import Child

SAYS = "import json, sys; sys.stdin.readline(); print(json.dumps({'keeps': not sys.dont_write_bytecode}))"


async def test_what_was_compiled_is_kept_even_where_the_machine_says_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    told: list[dict[str, Any]] = []
    child = Child("sayer", ["-c", SAYS], dict, told.append, tmp_path / "log")
    await child.start()
    assert await child.listen() == 0, child.tail()
    assert told == [{"keeps": True}]
