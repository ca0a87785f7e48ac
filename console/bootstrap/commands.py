"""Runs one outside command with progress and a log, and turns its failure into one clear line."""

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from console.bootstrap.report import Report, SetupError

NEEDED_MB = 3000  # environment, node packages, assets and clips, with room for downloads

_FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded|not enough free space", re.I)
_WRONG_FILE = re.compile(r"DO NOT MATCH THE HASHES|EINTEGRITY|Hash Sum mismatch|--require-hashes mode", re.I)
_NO_PACKAGE = re.compile(
    r"No matching distribution found for (?P<pip>[^\s(]+)"
    r"|Unable to locate package (?P<apt>\S+)"
    r"|notarget No matching version found for (?P<npm>[^\s]+?)\.?$"
    r"|E?404\s+'(?P<gone>[^']+)'",
    re.I | re.M,
)
_NO_NET = re.compile(
    r"Temporary failure (in name resolution|resolving)|Name or service not known|Failed to establish a new connection"
    r"|Network is unreachable|No route to host|Connection (refused|timed out|reset)|Read timed out|ProxyError"
    r"|Could not (resolve|connect)|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN"
    r"|SSLError|_CERT_|CERTIFICATE_VERIFY",
)


class Commands:
    """Runs commands in one folder, appending all that they print to one log file."""

    def __init__(self, root: Path, log: Path, report: Report) -> None:
        self.root = root
        self.report = report
        self._log = log

    def run(self, title: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Run the command to its end; raises SetupError when it cannot be started or fails."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        tail: deque[str] = deque(maxlen=200)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {' '.join(command)}\n")
            log.flush()
            code = self._follow(title, command, env, tail, log)
        if code != 0:
            raise explain(title, "\n".join(tail), free_mb(self.root), self._log.relative_to(self.root))

    def _follow(
        self, title: str, command: Sequence[str], env: Mapping[str, str] | None, tail: deque[str], log: TextIO
    ) -> int:
        """Start the command and pass each of its lines to the log, the tail and the progress line."""
        try:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=None if env is None else {**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise SetupError(
                f"{command[0]} cannot be started ({error.strerror})", do="install it and run again"
            ) from error
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                log.write(line)
                tail.append(line.rstrip())
                self.report.tick(title, line.strip())
        return process.returncode


def free_mb(path: Path) -> int:
    """Free space in MB on the disk that holds the path."""
    return shutil.disk_usage(path).free // 1_000_000


def explain(title: str, output: str, free: int, log: Path) -> SetupError:
    """The one line for a failed command, judged by what it printed last; free is the disk space left in MB."""
    if _FULL.search(output):
        return SetupError(
            f"{free} MB free on the disk", expected=f"about {NEEDED_MB} MB", do="free some space and run again"
        )
    if _WRONG_FILE.search(output):
        return SetupError(
            f"'{title}' was served files that differ from the lock",
            do=f"check the package index or proxy in use, then run again (log: {log})",
        )
    if _NO_NET.search(output):
        return SetupError(
            f"'{title}' could not reach its package source",
            do=f"check the network, proxy or mirror settings and run again (log: {log})",
        )
    if missing := _NO_PACKAGE.search(output):
        name = next(group for group in missing.groups() if group)
        return SetupError(
            f"the package {name} cannot be had from the package source in use",
            do=f"check that your mirror holds it and run again (log: {log})",
        )
    lines = [line for line in output.splitlines() if line.strip() and "complete log of this run" not in line]
    last = lines[-1] if lines else "it printed nothing"
    return SetupError(f"'{title}' failed: {last.strip()[:160]}", do=f"see {log}, then run again")
