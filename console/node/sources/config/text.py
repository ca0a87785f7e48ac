"""Bytes of an input file to text, forgivingly: packed, cut short, or in another encoding; knows no format."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from console.api import SourceError, Text
from console.node.sources.replay.reel import Fault

_HEAD_BYTES = 1 << 16


def read_text(file: str, encoding: str) -> tuple[str, tuple[Fault, ...]]:
    """The text of a plain or .gz file, and what was wrong; raises SourceError when it cannot be opened at all."""
    faults: list[Fault] = []
    try:
        content = _unpacked(Path(file), faults)
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror or error}") from error
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = Text(f"不是 {encoding} 编码", f"not {encoding}: set `encoding`")
        text = content.decode(encoding, errors="replace")
        faults.append(Fault(what=what, count=max(1, text.count("\ufffd")), where=f"line {line}"))
    return text.removeprefix("\ufeff"), tuple(faults)


def read_head(file: str, encoding: str) -> str:
    """The beginning of a file's text, for its header; "" when it cannot be read."""
    path = Path(file)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as content:
            return content.read(_HEAD_BYTES).decode(encoding, errors="replace").removeprefix("\ufeff")
    except (OSError, EOFError, zlib.error):
        return ""


def _unpacked(path: Path, faults: list[Fault]) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    content = path.read_bytes()
    parts: list[bytes] = []
    while content:  # a .gz may hold several members, one after the other
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(content))
            damage = "" if member.eof else "cut short"
        except zlib.error as error:
            damage = str(error)
        if damage:
            line = sum(part.count(b"\n") for part in parts) + 1
            faults.append(Fault(what=Text("压缩文件损坏", f"damaged gz ({damage})"), count=1, where=f"line {line}"))
            break
        content = member.unused_data
    return b"".join(parts)
