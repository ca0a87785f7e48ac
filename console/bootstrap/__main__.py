"""Entry of set-up, `python3 -m console.bootstrap [--dev]`: runs the steps that are due and fails in one line."""

import errno
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from console.bootstrap.commands import NEEDED_MB, Commands, free_mb
from console.bootstrap.report import Report, SetupError
from console.bootstrap.stamps import Stamps
from console.bootstrap.steps import Step, plan
from console.posix import lock_file, unlock_file, wait_for_lock

ROOT = Path(__file__).resolve().parents[2]
OLDEST, TOO_NEW = (3, 11), (3, 14)


def main(arguments: Sequence[str]) -> int:
    """Set up, or find that nothing is due; returns the exit code."""
    try:
        check_python(sys.version_info[:2])
        report = Report()
        commands = Commands(ROOT, ROOT / "build/setup.log", report)
        stamps = Stamps(ROOT / "build/stamps")
        steps = plan(ROOT, commands, dev="--dev" in arguments)
        if any(due(step, stamps) for step in steps):
            with alone(
                ROOT / "build/setup.lock", lambda: report.say("yilan set-up: another one is running; waiting for it")
            ):
                work(steps, stamps, report)
    except SetupError as error:
        return say(error.line(), 1)
    except OSError as error:
        return say(explain_os(error).line(), 1)
    except KeyboardInterrupt:
        return say("yilan set-up: stopped; run the same command again to go on", 130)
    return 0


def say(line: str, code: int) -> int:
    """Print the one last line and pass the exit code on."""
    print(line, file=sys.stderr)
    return code


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that the locked packages do not run on."""
    if not OLDEST <= version < TOO_NEW:
        raise SetupError(
            f"Python {'.'.join(map(str, version))} ({sys.executable})",
            expected="3.11, 3.12 or 3.13",
            do="install one of these (and remove .venv if it was made by another) and run again",
        )


@contextmanager
def alone(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file for the length of the block; calls waiting() once when another set-up holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = lock_file(path)
    if handle is None:
        waiting()
        handle = wait_for_lock(path)
    try:
        yield
    finally:
        unlock_file(handle)


def due(step: Step, stamps: Stamps) -> bool:
    """Whether the step must run."""
    return not stamps.holds(step.name, step.key(), step.outputs)


def work(steps: Sequence[Step], stamps: Stamps, report: Report) -> None:
    """Run the steps that are due, in order; each is stamped with the key that holds once it is done."""
    told = False
    for step in steps:
        if due(step, stamps):
            if not told:
                report.say("yilan set-up (log: build/setup.log)")
            told = True
            stamps.drop(step.name)
            report.start(step.title)
            step.act()
            stamps.put(step.name, step.key())
            report.done(step.title)


def explain_os(error: OSError) -> SetupError:
    """The one line for a file that could not be read or written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return SetupError(
            f"{free_mb(ROOT)} MB free on the disk", expected=f"about {NEEDED_MB} MB", do="free some space and run again"
        )
    return SetupError(f"{error.strerror}: {error.filename}", do="check its owner and rights, then run again")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
