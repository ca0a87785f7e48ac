"""The command line: what a person can mend is one line, whoever met it."""

from __future__ import annotations

import sys

import pytest

import main


def test_a_file_that_may_not_be_read_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forbidden(listen: str, tls: str) -> list[str]:
        raise PermissionError(13, "Permission denied", tls)

    monkeypatch.setattr("console.node.network.checked", forbidden)  # the tests may run as root, whom nothing forbids
    monkeypatch.setattr(sys, "argv", ["main.py", "node", "--tls", "/etc/yilan/tls"])
    assert main.main() == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "/etc/yilan/tls: Permission denied; change its rights" in said
