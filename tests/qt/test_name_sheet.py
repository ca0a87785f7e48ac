"""What a sheet takes: a name is short, a reason is as long as it has to be."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from console.shell.name_sheet import NAME_MOST, WORDS_MOST, NameSheet

REASON = "指挥长要求由本席接管大屏：前方指挥部链路中断，" * 8


@pytest.mark.parametrize(("name", "most"), [("值班 1", NAME_MOST), ("", WORDS_MOST)])
def test_a_reason_may_be_longer_than_a_name(qapp: QApplication, name: str, most: int) -> None:
    parent = QWidget()
    taken: list[str] = []
    sheet = NameSheet(parent, "理由", name, taken.append)
    sheet.field.clear()
    sheet.field.insert(REASON)
    sheet._done()
    assert taken == [REASON[:most]]
    parent.deleteLater()
