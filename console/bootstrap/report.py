"""What set-up says: short progress lines with elapsed time, and one clear line when it cannot go on."""

import sys
import time
from typing import TextIO


class SetupError(Exception):
    """Set-up cannot go on: what was found, what was expected, and what the person can do about it."""

    def __init__(self, found: str, *, expected: str = "", do: str) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.do = do

    def line(self) -> str:
        """The whole message on one line."""
        parts = [f"found {self.found}" if self.expected else self.found]
        if self.expected:
            parts.append(f"expected {self.expected}")
        return " ".join(f"yilan set-up: {', '.join(parts)}; {self.do}".split())


class Report:
    """Writes progress to a stream: redrawn in place on a terminal, one line every 10 s elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._began = self._spoke = time.monotonic()
        self._drawn = 0

    def start(self, title: str) -> None:
        """Say that a step begins."""
        self._began = self._spoke = time.monotonic()
        self._write(f"  · {title} …", keep=not self._live)

    def tick(self, title: str, detail: str) -> None:
        """Say that a step still runs, with the last thing that it did."""
        now = time.monotonic()
        if now - self._spoke >= (0.5 if self._live else 10.0):
            self._spoke = now
            self._write(f"  · {title} … {now - self._began:.0f} s  {detail[:60]}", keep=not self._live)

    def done(self, title: str) -> None:
        """Say that a step has ended, and how long it took."""
        self._write(f"  ✓ {title} ({time.monotonic() - self._began:.1f} s)", keep=True)

    def say(self, text: str) -> None:
        """Write one line of its own."""
        self._write(text, keep=True)

    def _write(self, text: str, *, keep: bool) -> None:
        blank = " " * max(0, self._drawn - len(text))
        self._stream.write(("\r" if self._live else "") + text + blank + ("\n" if keep else ""))
        self._stream.flush()
        self._drawn = 0 if keep else len(text)
