"""A CSV file of any length read block by block through the csv source's own table; knows no store."""

from __future__ import annotations

import gzip
import io
import itertools
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from console.api import ChannelKind, Columns, Sensor, SourceError, Text
from console.node.importing.lot import Faults, Lot, stacked, unreadable
from console.node.sources.columns_csv.spec import CsvSettings
from console.node.sources.columns_csv.table import read_table, sensor_of
from console.node.sources.replay.reel import Fault

BLOCK_LINES: Final = 20_000
QUOTED_LINES: Final = 1_000
"""A quoted cell may run over so many lines; past them the quote is taken for a stray one."""


class CsvFile:
    """A CSV file, plain or .gz; see `console.node.importing.lot.Reader`."""

    simulated = False

    def __init__(self, file: Path, settings: CsvSettings) -> None:
        self._file = file
        self._settings = msgspec.structs.replace(settings, skip_lines=0)
        self._skip = settings.skip_lines
        self._faults = Faults()
        self.sensors: Sequence[Sensor] = [sensor_of(settings, column) for column in settings.value]

    def faults(self) -> Sequence[Fault]:
        """What could not be used so far."""
        return self._faults.all()

    def lots(self) -> Iterator[Lot]:
        """Block after block. Raises BadInput where the file cannot be opened."""
        try:
            size = max(1, self._file.stat().st_size)
            with self._file.open("rb") as raw:
                packed = self._file.suffix == ".gz"
                opened: Any = gzip.GzipFile(fileobj=raw) if packed else raw
                text = io.TextIOWrapper(opened, self._settings.encoding, errors="replace", newline="")
                for first, header, block in self._blocks(text):
                    yield Lot(
                        kind=ChannelKind.SCALAR,
                        columns=self._columns(first, header, block),
                        done=min(1.0, raw.tell() / size),
                    )
        except OSError as error:
            raise unreadable(self._file, error, "a readable CSV file") from error

    def _blocks(self, text: io.TextIOWrapper) -> Iterator[tuple[int, str, list[str]]]:
        """(line of the first row, header line or "", lines)."""
        line = 1
        header = ""
        try:
            for skipped in itertools.islice(text, self._skip):
                line += bool(skipped)
            while self._settings.header and not header.strip():
                header = text.readline().removeprefix("\ufeff")
                if not header:
                    return
                line += 1
            while block := list(itertools.islice(text, BLOCK_LINES)):
                if sum(row.count('"') for row in block) % 2:  # a cell runs on behind the block's end
                    for more in itertools.islice(text, QUOTED_LINES):
                        block.append(more)
                        if more.count('"') % 2:
                            break
                yield line, header, block
                line += len(block)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._faults.add(Fault(what=Text("压缩文件损坏", f"damaged gz ({error})"), count=1, where=f"line {line}"))

    def _columns(self, first: int, header: str, block: list[str]) -> Columns:
        head = 1 if header else 0
        text = header + "".join(block)
        if "\ufffd" in text:
            what = Text(f"不是 {self._settings.encoding} 编码", f"not {self._settings.encoding}: set `encoding`")
            at = next(i for i, row in enumerate([header, *block]) if "\ufffd" in row) - head
            self._faults.add(Fault(what=what, count=text.count("\ufffd"), where=f"line {first + max(0, at)}"))
        try:
            recording = read_table(text, self._settings)
        except SourceError:  # no row of this block has a time; the columns were checked before
            what = Text("行无时间", "rows without a usable time")
            self._faults.add(Fault(what=what, count=len(block), where=f"line {first}"))
            return stacked(np.empty(0, np.int64), [])
        for fault in recording.faults:
            at = int(fault.where.removeprefix("line ")) - head + first - 1
            self._faults.add(Fault(what=fault.what, count=fault.count, where=f"line {at}"))
        series = recording.series
        return stacked(series[0].t_ns, [(one.v, one.q) for one in series])
