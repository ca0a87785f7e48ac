"""The verifier that docs/journal.md gives a stranger finds what ours finds, so the page is enough."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from console.node.journal.verify import verify
from tests.unit.node.journal.ledgers import ledger, tell, write

DOCUMENT = Path(__file__).parents[4] / "docs" / "journal.md"
HARM = [
    "UPDATE entry SET body = x'92c40000' WHERE position = 4",
    "UPDATE entry SET body = NULL WHERE position = 5",
    "UPDATE entry SET received_ns = received_ns + 1 WHERE position = 3",
    "UPDATE entry SET header = (SELECT header FROM entry WHERE position = 2) WHERE position = 3",
    "DELETE FROM entry WHERE position = 3",
    "DELETE FROM entry WHERE position > 3",
    "UPDATE seal SET signature = zeroblob(64)",
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stranger") / "journal.db"
    journal, peer = ledger("one", path=path), ledger("peer")
    for number in range(6):
        write(journal, f"act {number}", intent=f"i{number}")
        write(peer, f"peer {number}")
        tell(peer, journal)
    journal.erase(peer.origin, 3, "PIPL art. 47", "data officer")
    journal.commit()
    journal.close()
    return path


def strangers_word(path: Path) -> subprocess.CompletedProcess[str]:
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.S)
    return subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)


def test_a_stranger_finds_nothing_wrong_where_nothing_is(kept: Path) -> None:
    said = strangers_word(kept)
    assert said.returncode == 0, said.stderr
    assert said.stdout == f"{verify(kept).entries} entries, nothing is wrong\n"


@pytest.mark.parametrize("harm", HARM)
def test_a_stranger_finds_what_was_done_to_it(harm: str, kept: Path, tmp_path: Path) -> None:
    shutil.copy(kept, tmp_path / "harmed.db")
    connection = apsw.Connection(str(tmp_path / "harmed.db"))
    connection.execute(harm)
    connection.close()
    assert verify(tmp_path / "harmed.db").bad
    assert strangers_word(tmp_path / "harmed.db").returncode != 0
