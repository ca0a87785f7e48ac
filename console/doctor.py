"""`main.py doctor`: what this machine has, what that means for the product, what to do; changes nothing."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import apsw
from cryptography import x509

from console.child import ROOT
from console.posix import is_root
from console.supervise import BUILD, has_display

PROBE_S: Final = 30.0
SOUND_SQLITE: Final = (3, 51, 3)
"""Earlier ones may damage a journal when its log is reset; a node with one refuses to keep it."""
WARN_DAYS: Final = 30
"""Certificates that end sooner are told of."""
MARKS: Final = {"ok": "✓", "note": "·", "bad": "✗"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the report. `state`: ok, note (works, with less), bad (does not work)."""

    subject: str
    state: str
    found: str
    meaning: str = ""
    act: str = ""


def python() -> Finding:
    """The interpreter."""
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    act = "" if good else "install python3.11, 3.12 or 3.13 and run make run again"
    return Finding(subject="Python", state="ok" if good else "bad", found=found, act=act)


def qt() -> Finding:
    """PySide6 and its fit to the interpreter."""
    version = importlib.metadata.version("PySide6")
    aborts = version.startswith("6.12.0") and sys.version_info[:2] <= (3, 11)
    return Finding(
        subject="Qt",
        state="bad" if aborts else "ok",
        found=f"PySide6 {version}",
        meaning="this pair aborts while painting" if aborts else "",
        act="install the locked requirements again: make run" if aborts else "",
    )


def sqlite() -> Finding:
    """The SQLite that apsw brings, which keeps the journal and the acts to be sent; Python's own keeps nothing."""
    version = apsw.sqlite_lib_version()
    sound = tuple(map(int, version.split("."))) >= SOUND_SQLITE
    return Finding(
        subject="SQLite",
        state="ok" if sound else "bad",
        found=f"{version}, brought by apsw",
        meaning="keeps the journal and acts not sent yet" if sound else "has the WAL-reset bug: a journal may be lost",
        act="" if sound else "install the locked requirements again: make run",
    )


def codecs() -> Finding:
    """H.264 decoding."""
    told = _probe(
        "import av, json; print(json.dumps({'av': av.__version__, 'h264': 'h264' in av.codecs_available,"
        " 'hevc': 'hevc' in av.codecs_available}))"
    )
    if told is None or not told.get("h264"):
        return Finding(subject="Codecs", state="bad", found="no H.264 decoder", act="reinstall: make clean, make run")
    return Finding(subject="Codecs", state="ok", found=f"H.264, {'HEVC, ' if told['hevc'] else ''}PyAV {told['av']}")


def fonts() -> Finding:
    """The bundled Chinese font."""
    missing = [n for n in ("Regular", "Bold") if not (BUILD / "assets" / "fonts" / f"NotoSansSC-{n}.ttf").exists()]
    if missing:
        act = "run make run once: it installs the font"
        return Finding(
            subject="Fonts",
            state="bad",
            found="Noto Sans SC is not built",
            meaning="Chinese may show as boxes",
            act=act,
        )
    return Finding(subject="Fonts", state="ok", found="Noto Sans SC regular and bold, bundled")


def input_method() -> Finding:
    """Chinese input: the wheel of PySide6 bears the ibus plugin and none for fcitx."""
    wanted = os.environ.get("QT_IM_MODULE") or os.environ.get("XMODIFIERS", "").removeprefix("@im=")
    if "fcitx" in wanted:
        return Finding(
            subject="Input method",
            state="note",
            found=wanted,
            meaning="this Qt has no fcitx plugin: Chinese cannot be typed through it",
            act="use ibus: QT_IM_MODULE=ibus",
        )
    running = shutil.which("ibus-daemon") is not None
    found = wanted or ("ibus installed" if running else "none")
    act = "" if running else "to type Chinese: apt-get install ibus ibus-libpinyin, then QT_IM_MODULE=ibus"
    return Finding(subject="Input method", state="ok" if running else "note", found=found, act=act)


_SCREENS: Final = """
import json, os
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
app = QGuiApplication([])
screens = [[s.name(), s.size().width(), s.size().height(), round(s.physicalDotsPerInch())] for s in app.screens()]
surface = QOffscreenSurface(); surface.create()
context = QOpenGLContext()
renderer = ""
if context.create() and context.makeCurrent(surface):
    renderer = str(context.functions().glGetString(0x1F01))
print(json.dumps({"screens": screens, "renderer": renderer}))
"""
_WEBGL: Final = """
import json
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWidgets import QApplication
app = QApplication([])
page = QWebEnginePage()
def told(answer):
    print(json.dumps({"webgl": bool(answer)}), flush=True)
    app.quit()
ask = "!!document.createElement('canvas').getContext('webgl')"
page.loadFinished.connect(lambda ok: page.runJavaScript(ask, 0, told))
page.setHtml("<html></html>")
app.exec()
"""


def screens() -> Finding:
    """What can be drawn on."""
    if not has_display():
        act = "start in a desktop session; pictures without one: make shots"
        return Finding(subject="Screens", state="bad", found="no display", act=act)
    told = _probe(_SCREENS)
    if told is None:
        act = "run make run: it names the missing packages"
        return Finding(subject="Screens", state="bad", found="Qt cannot open the display", act=act)
    renderer = f"OpenGL: {told['renderer']}" if told["renderer"] else ""
    found = ", ".join(f"{n} {w}×{h} {dpi} dpi" for n, w, h, dpi in told["screens"])
    return Finding(subject="Screens", state="ok", found=found, meaning=renderer)


def gpu() -> Finding:
    """A graphics processor is welcome, never needed."""
    nodes = sorted(str(p) for p in Path("/dev/dri").glob("renderD*")) if Path("/dev/dri").exists() else []
    if nodes:
        return Finding(subject="GPU", state="ok", found=", ".join(nodes))
    return Finding(
        subject="GPU", state="note", found="none", meaning="all is painted by the processor; nothing is missing"
    )


def webgl() -> Finding:
    """WebGL in the map's web engine; Leaflet on canvas works without."""
    env = {"QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"} if is_root() else {}
    if not has_display():
        env["QT_QPA_PLATFORM"] = "offscreen"
    told = _probe(_WEBGL, env)
    if told is None:
        act = "run make run: it names the missing packages"
        return Finding(
            subject="Web engine", state="bad", found="did not start", meaning="maps cannot be shown", act=act
        )
    found = "starts, WebGL " + ("works" if told["webgl"] else "does not work")
    meaning = "" if told["webgl"] else "maps are drawn on canvas; nothing is missing"
    return Finding(subject="Web engine", state="ok" if told["webgl"] else "note", found=found, meaning=meaning)


def ports() -> Finding:
    """Loopback."""
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            probe.listen()
    except OSError as error:
        return Finding(
            subject="Ports", state="bad", found=str(error), meaning="node and console cannot meet on 127.0.0.1"
        )
    return Finding(
        subject="Ports", state="ok", found="127.0.0.1 can be listened on; beyond it listens only main.py node --tls"
    )


def clock() -> Finding:
    """Whether something keeps the clock right."""
    keepers = [n for n in ("chronyd", "systemd-timesyncd", "ntpd") if _runs(n)]
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    if keepers:
        return Finding(subject="Clock", state="ok", found=f"{now}, kept by {keepers[0]}")
    act = "apt-get install chrony; the console shows the offset to its node"
    return Finding(subject="Clock", state="note", found=f"{now}, no time service seen", act=act)


def certificates(folder: Path, now: dt.datetime | None = None) -> Finding:
    """Those in a folder, as `main.py certs` writes them: good for how long, revoked, and who can read their keys."""
    now = now or dt.datetime.now(dt.UTC)
    files = sorted(file for file in folder.glob("*.pem") if not file.name.endswith(".crl.pem"))
    if not files:
        found, meaning = f"none in {folder}", "this machine's own console and node need none"
        return Finding(subject="Certificates", state="ok", found=found, meaning=meaning)
    flaws = [flaw for file in files for flaw in _flaws(file, _revoked(folder / "ca.crl.pem"), now)]
    worst = max((state for state, _ in flaws), key=("ok", "note", "bad").index, default="ok")
    found = f"{len(files)} in {folder}"
    meaning = "; ".join(words for _, words in flaws) or f"all good for {WARN_DAYS} days and more"
    act = "issue anew with main.py certs … --force (docs/howto/several-machines.md)" if flaws else ""
    return Finding(subject="Certificates", state=worst, found=found, meaning=meaning, act=act)


def _flaws(file: Path, revoked: frozenset[int], now: dt.datetime) -> Iterator[tuple[str, str]]:
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        yield "bad", f"{file.name} cannot be read"
        return
    left = certificate.not_valid_after_utc - now
    if certificate.serial_number in revoked:
        yield "bad", f"{file.name} was revoked"
    elif left < dt.timedelta(0):
        yield "bad", f"{file.name} ended on {certificate.not_valid_after_utc:%Y-%m-%d}"
    elif certificate.not_valid_before_utc > now:
        yield (
            "bad",
            f"{file.name} is not good before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC: check the clock",
        )
    elif left < dt.timedelta(days=WARN_DAYS):
        yield "note", f"{file.name} ends in {left.days} days"
    key = file.with_suffix(".key")
    if key.is_file() and key.stat().st_mode & 0o077:
        yield "bad", f"{key.name} can be read by others: chmod 600"


def _revoked(crl: Path) -> frozenset[int]:
    try:
        return frozenset(entry.serial_number for entry in x509.load_pem_x509_crl(crl.read_bytes()))
    except (OSError, ValueError):
        return frozenset()


def disk() -> Finding:
    """Room for data and logs."""
    free = shutil.disk_usage(ROOT).free >> 20
    state = "ok" if free > 2048 else "note" if free > 256 else "bad"
    return Finding(subject="Disk", state=state, found=f"{free} MB free", act="" if state == "ok" else "make room")


def _runs(name: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name[:15]:
                return True
        except OSError:
            continue
    return False


def _probe(program: str, env: dict[str, str] | None = None) -> dict[str, Any] | None:
    """Run a program in an interpreter of its own (a crash there is a finding, not ours); its last line is JSON."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            timeout=PROBE_S,
            env={**os.environ, **(env or {})},
            check=False,
        )
        told = json.loads(done.stdout.decode().strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, ValueError, IndexError):
        return None
    return told if isinstance(told, dict) else None


CHECKS: Final[tuple[Callable[[], Finding], ...]] = (
    python, qt, sqlite, codecs, fonts, input_method, screens, gpu, webgl, ports, clock, disk,
)  # fmt: skip


def report(finding: Finding) -> str:
    """The finding as text."""
    lines = [f"{MARKS[finding.state]} {finding.subject:<13}{finding.found}"]
    if finding.meaning:
        lines.append(f"{'':15}{finding.meaning}")
    if finding.act:
        lines.append(f"{'':15}→ {finding.act}")
    return "\n".join(lines)


def main(certs: Path) -> int:
    """Print every finding, of the certificates in `certs` too; 1 when something does not work."""
    worst = 0
    checks: tuple[Callable[[], Finding], ...] = (*CHECKS, partial(certificates, certs))
    for check in checks:
        finding = check()
        print(report(finding), flush=True)
        worst |= finding.state == "bad"
    return int(worst)
