"""Whatever goes wrong at set-up ends in one line that says what was found, what was expected and what to do."""

import errno
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.bootstrap.__main__ import ROOT, alone, check_python, due, explain_os, work
from console.bootstrap.commands import Commands, explain
from console.bootstrap.report import Report, SetupError
from console.bootstrap.stamps import Stamps
from console.bootstrap.steps import RENDERERS, Step, compile_translations, plan

LOG = Path("build/setup.log")


def test_the_line_says_found_expected_and_what_to_do() -> None:
    error = SetupError("Python 3.9", expected="3.11, 3.12 or 3.13", do="install one\nand run again")
    assert error.line() == "yilan set-up: found Python 3.9, expected 3.11, 3.12 or 3.13; install one and run again"


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 14), (2, 7)])
def test_another_python_is_refused(version: tuple[int, int]) -> None:
    with pytest.raises(SetupError) as caught:
        check_python(version)
    assert "expected 3.11, 3.12 or 3.13" in caught.value.line()


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_a_fitting_python_is_taken(version: tuple[int, int]) -> None:
    check_python(version)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", "found 12 MB free on the disk, expected about"),
        ("npm error code ENOSPC", "found 12 MB free on the disk"),
        ("ERROR: No matching distribution found for shapely==9.9", "the package shapely==9.9 cannot be had"),
        ("E: Unable to locate package libfoo1", "the package libfoo1 cannot be had"),
        ("Failed to establish a new connection: [Errno 111] Connection refused\nERROR: No matching distribution "
         "found for av==18.1.0", "could not reach its package source"),
        ("npm error errno SELF_SIGNED_CERT_IN_CHAIN", "could not reach its package source"),
        ("npm error odd\nnpm error A complete log of this run can be found in: x", "failed: npm error odd;"),
        ("Collecting certifi==1\nsomething odd", "failed: something odd;"),
        ("npm error code ENOTFOUND", "could not reach its package source"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "files that differ from the lock"),
        ("npm error code EINTEGRITY", "files that differ from the lock"),
        ("first\nlast words\n\n", "failed: last words; see build/setup.log"),
        ("", "failed: it printed nothing"),
    ],
)  # fmt: skip
def test_a_failed_command_is_explained(output: str, expected: str) -> None:
    line = explain("Python packages", output, 12, LOG).line()
    assert expected in line
    assert "\n" not in line


def test_a_full_disk_and_a_forbidden_file_are_explained() -> None:
    assert "MB free on the disk" in explain_os(OSError(errno.ENOSPC, "No space left on device", "x")).line()
    line = explain_os(PermissionError(errno.EACCES, "Permission denied", "build/stamps")).line()
    assert line == "yilan set-up: Permission denied: build/stamps; check its owner and rights, then run again"


def commands(root: Path) -> Commands:
    return Commands(root, root / LOG, Report(io.StringIO()))


def test_a_command_is_logged_and_its_failure_raised(tmp_path: Path) -> None:
    failing = [sys.executable, "-c", "print('some words'); raise SystemExit(3)"]
    with pytest.raises(SetupError, match="failed: some words"):
        commands(tmp_path).run("trial", failing)
    assert "some words" in (tmp_path / LOG).read_text(encoding="utf-8")


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no-such-program cannot be started"):
        commands(tmp_path).run("trial", ["no-such-program"])


def test_a_failed_step_is_not_stamped_and_the_next_run_goes_on_from_it(tmp_path: Path) -> None:
    stamps, ran, broken = Stamps(tmp_path / "stamps"), list[str](), True

    def second() -> None:
        ran.append("second")
        if broken:
            raise SetupError("broken", do="mend it")

    steps = [
        Step(name="first", title="first", key=lambda: "1", act=lambda: ran.append("first")),
        Step(name="second", title="second", key=lambda: "2", act=second),
    ]
    with pytest.raises(SetupError):
        work(steps, stamps, Report(io.StringIO()))
    broken = False
    work(steps, stamps, Report(io.StringIO()))
    work(steps, stamps, Report(io.StringIO()))
    assert ran == ["first", "second", "second"]
    assert not any(due(step, stamps) for step in steps)


def test_a_renderer_joins_the_plan_once_its_module_exists(tmp_path: Path) -> None:
    names = [step.name for step in plan(tmp_path, commands(tmp_path), dev=False)]
    assert names == ["system", "venv", "runtime", "assets", "translations"]
    module = tmp_path / (RENDERERS[0].module.replace(".", "/") + ".py")
    module.parent.mkdir(parents=True)
    module.touch()
    assert [step.name for step in plan(tmp_path, commands(tmp_path), dev=True)][-1] == RENDERERS[0].name


def test_translations_made_anew_leave_the_file_alone_that_a_running_console_has_mapped(tmp_path: Path) -> None:
    source, target = tmp_path / "a_zh.ts", tmp_path / "build/translations/a_zh.qm"
    shutil.copyfile(ROOT / "resources/translations/people_zh.ts", source)
    target.parent.mkdir(parents=True)
    target.write_bytes(b"as a console mapped it")
    with target.open("rb") as mapped:
        compile_translations(tmp_path, Path(sys.executable), commands(tmp_path), [source], [target])
        assert mapped.read() == b"as a console mapped it"
    assert target.read_bytes() != b"as a console mapped it"
    assert list(target.parent.iterdir()) == [target]


def test_a_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    lock, told = tmp_path / "build/setup.lock", list[str]()
    second = "from pathlib import Path; from console.bootstrap.__main__ import alone\n"
    second += f"with alone(Path({str(lock)!r}), lambda: print('waiting', flush=True)): print('in')"
    with alone(lock, lambda: told.append("waiting")):
        process = subprocess.Popen([sys.executable, "-c", second], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
    assert process.communicate(timeout=20)[0] == "in\n"
    assert told == []


def test_progress_is_one_line_a_step_where_nobody_can_redraw() -> None:
    stream = io.StringIO()
    report = Report(stream)
    report.start("Python packages")
    report.tick("Python packages", "Collecting numpy")
    report.done("Python packages")
    assert stream.getvalue().splitlines() == ["  · Python packages …", "  ✓ Python packages (0.0 s)"]
