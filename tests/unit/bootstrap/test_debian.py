"""Package names: what is installed, what is missing, and what this release calls it."""

import pytest

from console.bootstrap.debian import LIBRARIES, absent, apt_name, parse_installed, parse_policy, parse_renamed

SHOWN = """\
installed\tlibnss3\t
installed\tlibasound2t64\tlibasound2 (= 1.2.11-1build2)
installed\tlibgl1\tlibgl, libgl-any (>= 1)
config-files\tlibegl1\t
"""


def test_installed_names_include_what_packages_provide() -> None:
    assert parse_installed(SHOWN) == {"libnss3", "libasound2t64", "libasound2", "libgl1", "libgl", "libgl-any"}


def test_absent_names_keep_their_order_and_know_the_renamed_ones() -> None:
    present = {"libnss3", "libglib2.0-0t64"}
    assert absent(["libxtst6", "libglib2.0-0", "libnss3", "libdrm2"], present) == ["libxtst6", "libdrm2"]


def test_a_removed_package_counts_as_missing() -> None:
    assert absent(["libegl1"], parse_installed(SHOWN)) == ["libegl1"]


POLICY = """\
libasound2:
  Installed: (none)
  Candidate: (none)
  Version table:
libasound2t64:
  Installed: (none)
  Candidate: 1.2.11-1ubuntu0.1
  Version table:
libdrm2:
  Installed: 2.4.122
  Candidate: 2.4.122
"""


def test_policy_gives_only_names_with_a_candidate() -> None:
    assert parse_policy(POLICY) == {"libasound2t64", "libdrm2"}


@pytest.mark.parametrize(
    ("name", "known", "renamed", "expected"),
    [
        ("libasound2", {"libasound2t64"}, False, "libasound2t64"),
        ("libasound2", {"libasound2"}, True, "libasound2"),
        ("libasound2", set(), True, "libasound2t64"),
        ("libasound2", set(), False, "libasound2"),
        ("libdrm2", set(), True, "libdrm2"),
    ],
)
def test_name_for_this_release(name: str, known: set[str], renamed: bool, expected: str) -> None:
    assert apt_name(name, known, renamed) == expected


@pytest.mark.parametrize(
    ("release", "renamed"),
    [
        ('ID=debian\nVERSION_ID="12"\n', False),
        ('ID=debian\nVERSION_ID="13"\n', True),
        ("ID=debian\n", True),  # testing and unstable name no version
        ('ID=ubuntu\nVERSION_ID="22.04"\n', False),
        ('ID=ubuntu\nVERSION_ID="24.04"\n', True),
        ('ID=kylin\nVERSION_ID="V10"\n', False),
        ("", False),
    ],
)
def test_release_with_64_bit_time(release: str, renamed: bool) -> None:
    assert parse_renamed(release) is renamed


def test_the_list_is_sorted_and_without_repeats() -> None:
    assert sorted(set(LIBRARIES)) == LIBRARIES
