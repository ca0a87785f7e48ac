"""Finds and installs the Debian and Ubuntu packages that the Qt, WebEngine and video wheels expect of the system."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from console.bootstrap.commands import Commands
from console.bootstrap.report import SetupError
from console.bootstrap.stamps import fingerprint, identity
from console.posix import is_root

# names as in Debian 12; found on a bare machine by running widgets, WebEngine and video
LIBRARIES = (
    "libasound2 libdbus-1-3 libdrm2 libegl1 libfontconfig1 libgbm1 libgl1 libgl1-mesa-dri libglib2.0-0 "
    "libgssapi-krb5-2 libnspr4 libnss3 libopengl0 libpulse0 libx11-xcb1 libxcb-cursor0 libxcb-dri3-0 "
    "libxcb-glx0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
    "libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libxcomposite1 libxdamage1 libxkbcommon-x11-0 "
    "libxkbcommon0 libxkbfile1 libxrandr2 libxtst6"
).split()

STATUS = Path("/var/lib/dpkg/status")  # changes with every package that comes or goes
RELEASE = Path("/etc/os-release")
APT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def key() -> str:
    """What the answer depends on: the list, the release, the installed packages and the running Python."""
    return fingerprint([RELEASE], *LIBRARIES, identity(STATUS), os.path.realpath(sys.executable))


def ensure(commands: Commands, title: str) -> None:
    """Install what is missing when root; otherwise raise with the one line that a person can run."""
    if not STATUS.exists():
        commands.report.say("  · not a Debian or Ubuntu system: its libraries are not checked (`main.py doctor` does)")
        return
    missing = absent([*LIBRARIES, *venv_package()], installed())
    if not missing:
        return
    if not is_root():
        names = names_here(missing)
        raise SetupError(
            f"{len(missing)} system packages missing",
            do=f"run: sudo apt-get update && sudo apt-get install -y {' '.join(names)}",
        )
    commands.run(title, ["apt-get", "-q", "update"], APT)
    names = names_here(missing)
    commands.report.say(f"  · {len(names)} system packages: {' '.join(names)}")
    commands.run(
        title, ["apt-get", "-q", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *names], APT
    )


def names_here(missing: Iterable[str]) -> list[str]:
    """The missing packages under the names that this release installs them by."""
    wanted = list(missing)
    known, renamed = known_to_apt(wanted), renamed_64bit_time()
    return [apt_name(name, known, renamed) for name in wanted]


def venv_package() -> list[str]:
    """The package that brings venv to the running Python, where Debian has split it off."""
    import importlib.util

    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return []
    if Path(sys.executable).resolve() == Path("/usr/bin/python3").resolve():
        return ["python3-venv"]
    return [f"python{sys.version_info.major}.{sys.version_info.minor}-venv"]


def installed() -> set[str]:
    """Names of all installed packages and of what they provide."""
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Provides}\n"],
        capture_output=True,
        text=True,
        check=False,
    )
    return parse_installed(shown.stdout)


def parse_installed(text: str) -> set[str]:
    """Names from dpkg-query's lines of status, package and provides, such as `libasound2 (= 1.2)`."""
    names: set[str] = set()
    for line in text.splitlines():
        status, package, provides = [*line.split("\t"), "", ""][:3]
        if status == "installed":
            names.add(package)
            names.update(name for name in re.sub(r"\([^)]*\)", "", provides).replace(",", " ").split())
    return names


def absent(wanted: Iterable[str], present: set[str]) -> list[str]:
    """Those wanted that are neither present nor provided, in the order wanted."""
    return [name for name in wanted if name not in present and f"{name}t64" not in present]


def known_to_apt(names: Iterable[str]) -> set[str]:
    """Those of the names, and of their 64-bit-time forms, that apt could install; empty without package lists."""
    asked = [form for name in names for form in (name, f"{name}t64")]
    shown = subprocess.run(
        ["apt-cache", "policy", *asked], capture_output=True, text=True, check=False, env={**os.environ, **APT}
    )
    return parse_policy(shown.stdout)


def parse_policy(text: str) -> set[str]:
    """Package names from `apt-cache policy` that have a candidate."""
    return set(re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (?!\(none\))", text, re.M))


def renamed_64bit_time() -> bool:
    """Whether this release carries the names ending in t64 (Ubuntu 24.04, Debian 13 and later)."""
    return parse_renamed(RELEASE.read_text(encoding="utf-8") if RELEASE.exists() else "")


def parse_renamed(release: str) -> bool:
    """The same, from the text of /etc/os-release."""
    fields = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', release, re.M))
    since = {"debian": 13.0, "ubuntu": 24.04}.get(fields.get("ID", ""))
    return since is not None and float(fields.get("VERSION_ID") or 99) >= since


def apt_name(name: str, known: set[str], renamed: bool) -> str:
    """The name under which this release installs the package; without package lists judged by the release."""
    if name in known:
        return name
    if f"{name}t64" in known:
        return f"{name}t64"
    return f"{name}t64" if renamed and name in {"libglib2.0-0", "libasound2"} else name
