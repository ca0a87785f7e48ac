"""What every entity has: an id, whether it is simulated, and its class's name on the wire; knows no entity."""

from __future__ import annotations

from typing import ClassVar

from console.model.values import Value


class Entity(Value, frozen=True, kw_only=True):
    """Root of the classes that travel in `entities` frames; `CLS` is the class's name on the wire."""

    CLS: ClassVar[str] = ""
    id: str
    simulated: bool = False
