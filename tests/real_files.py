"""Where the real data for tests lies: $YILAN_DATA, else ../shared/data beside the checkout; without it tests skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("YILAN_DATA") or Path(__file__).parents[2] / "shared" / "data")


def real(name: str) -> Path:
    """A real file by its name in the data folder; skips the test, and says so, where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no {name} in the data folder: set YILAN_DATA to run this on real data")
    return path
