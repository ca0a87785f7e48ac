"""A console for the supervisor's tests: the first one dies at once, the next says what it is told and ends."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    died = Path(json.loads(sys.stdin.readline())["state"]) / "died"
    if not died.exists():
        died.touch()
        os._exit(3)
    for line in sys.stdin:
        print(json.dumps({"told": json.loads(line)}), flush=True)
        if "notice" in line:
            return


if __name__ == "__main__":
    main()
