"""What console and decode worker say to each other besides JSON; knows nothing else, so that both start fast."""

from __future__ import annotations

import struct
from typing import Final

FRAME: Final = struct.Struct("<cI")
"""News of a frame: b"F" and the stream's number."""
