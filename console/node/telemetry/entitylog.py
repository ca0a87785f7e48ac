"""Which entities stand now, for the log of their changes; knows no file."""

from __future__ import annotations

from collections.abc import Iterator


class Standing:
    """Entities by class and id as they were last put; the node's loop owns it, the writer keeps one of its own."""

    def __init__(self) -> None:
        self._raw: dict[tuple[str, str], bytes] = {}

    def change(self, cls: str, id_: str, raw: bytes | None) -> bool:
        """Note an entity as put, or dropped (None); False where it stood so already. Class "": all are gone."""
        if not cls:
            self._raw.clear()
            return True
        key = (cls, id_)
        if raw is None:
            return self._raw.pop(key, None) is not None
        if self._raw.get(key) == raw:
            return False
        self._raw[key] = raw
        return True

    def all(self) -> Iterator[tuple[str, str, bytes]]:
        """Class, id and value of each."""
        for (cls, id_), raw in self._raw.items():
            yield cls, id_, raw
