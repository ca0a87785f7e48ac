"""docs/wire-protocol.md prints the tables that the machines run by, and every code that a refusal can bear."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.wire.frames import CAPABILITIES, Refusal
from console.wire.session import console, node
from console.wire.session.acts import BASE, Table, markdown

DOC = (Path(__file__).parents[4] / "docs" / "wire-protocol.md").read_text("utf-8")


@pytest.mark.parametrize(("end", "table"), [("node", node.TABLE), ("console", console.TABLE)])
def test_the_document_s_table_is_the_one_that_runs(end: str, table: Table) -> None:
    (printed,) = re.findall(rf"<!-- table:{end} -->\n(.*?)\n<!-- end -->", DOC, re.S)
    assert printed.strip() == markdown(table), "print it anew: markdown(TABLE) of console.wire.session." + end


def test_every_capability_and_every_code_stands_in_the_document() -> None:
    assert [name for name in CAPABILITIES if f"`{name}`" not in DOC] == []
    assert set(CAPABILITIES[:6]) == BASE
    codes = re.findall(r"[a-z_]+", (Refusal.__doc__ or "").split("`code`:")[1].split(";")[0])
    assert len(codes) == 10
    assert [code for code in codes if f"`{code}`" not in DOC] == []
