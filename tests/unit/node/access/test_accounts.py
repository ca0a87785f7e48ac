"""Passwords, second factors, locks: what is taken, what is told, and that a stranger learns no name."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, BadInput, ResourceError
from console.node.access.accounts import Accounts
from console.node.access.lockout import Lockout, LockRule
from console.node.access.passwords import HashCost, Hasher, check_password
from console.node.access.steady import Kept, Steady
from console.node.access.totp import _code, enrolment_uri, matching_step, new_secret
from tests.unit.node.access.site import CHEAP, GOOD, Clocks

WALL = 1_800_000_000


class Counting(Hasher):
    """Counts the work that an attempt costs."""

    def __init__(self, cost: HashCost = CHEAP) -> None:
        super().__init__(cost)
        self.checked: list[bool] = []

    def matches(self, stored: str, password: str) -> bool:
        self.checked.append(bool(stored))
        return super().matches(stored, password)


class World:
    def __init__(self, folder: Path, cost: HashCost = CHEAP) -> None:
        self.hasher, self.now_ns, self.wall_s = Counting(cost), 0, float(WALL)
        self.accounts = Accounts(folder, self.hasher, Lockout(), lambda: int(self.wall_s * NS))
        self.accounts.open()

    def attempt(self, name: str, password: str, code: str = "", origin: str = "10.0.0.1") -> tuple[str, str, int]:
        login = self.accounts.login(name, password, code, origin, self.now_ns)
        return login.person, login.reason.en, login.locked_s


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.accounts.add("Anna", "p-anna", GOOD, change_next=False)
    return made


def test_who_has_the_password_is_let_in_however_the_name_is_typed(world: World) -> None:
    assert world.attempt("anna", GOOD)[0] == "p-anna"
    assert world.attempt("  ＡＮＮＡ ", GOOD)[0] == "p-anna"
    assert world.attempt("anna", GOOD + "x")[0] == ""


def test_wrong_password_and_unknown_name_get_the_same_answer_for_the_same_work(world: World) -> None:
    wrong = [world.attempt("anna", "not this one, no", origin="a") for _ in range(5)]
    unknown = [world.attempt("nobody", "not this one, no", origin="b") for _ in range(5)]
    assert wrong == unknown
    assert world.hasher.checked == [True] * 5 + [False] * 5
    world.hasher.checked.clear()
    assert world.attempt("anna", GOOD, origin="a") == world.attempt("nobody", GOOD, origin="b")
    assert world.hasher.checked == []  # neither is worked on while locked


def test_five_failures_lock_a_name_where_they_came_from_and_the_origin(world: World) -> None:
    world.accounts.add("bo", "p-bo", GOOD, change_next=False)
    for _ in range(5):
        assert world.attempt("anna", "wrong wrong wrong", origin="evil")[2] == 0
    assert world.attempt("anna", GOOD, origin="evil")[2] == 900
    assert world.attempt("bo", GOOD, origin="evil")[2] > 0, "the origin is locked for all names"
    assert world.attempt("anna", GOOD, origin="elsewhere")[0] == "p-anna", "a stranger locks nobody out elsewhere"
    world.now_ns += 901 * NS
    assert world.attempt("anna", GOOD, origin="evil")[0] == "p-anna"
    assert world.attempt("bo", GOOD, origin="evil")[0] == "p-bo"


def test_a_name_that_many_origins_try_is_locked_for_all_of_them(world: World) -> None:
    for k in range(50):
        assert world.attempt("anna", "wrong wrong wrong", origin=f"o{k}")[2] == 0
    assert world.attempt("anna", GOOD, origin="elsewhere")[2] == 900
    assert world.accounts.locked_until_ns("anna", world.now_ns) > 0
    assert world.attempt("nobody", GOOD, origin="elsewhere")[2] == 0, "only that name"
    world.accounts.set_password("anna", GOOD[::-1])
    assert world.attempt("anna", GOOD[::-1], origin="elsewhere")[0] == "p-anna", "an administrator frees it"


def test_a_name_is_shown_as_locked_where_it_is_and_not_for_one_that_ends_alike(world: World) -> None:
    for _ in range(5):
        world.attempt("x name:anna", "wrong wrong wrong", origin="evil")
        world.attempt("x name:'anna'", "wrong wrong wrong", origin="worse")
    assert world.accounts.locked_until_ns("anna", world.now_ns) == 0
    for _ in range(5):
        world.attempt("anna", "wrong wrong wrong", origin="her own")
    assert world.accounts.locked_until_ns("anna", world.now_ns) == 900 * NS
    world.now_ns += 901 * NS
    assert world.accounts.locked_until_ns("anna", world.now_ns) == 0


def test_who_is_locked_is_told_while_log_ins_are_counted(world: World) -> None:
    def guess() -> None:
        for k in range(3000):
            lockout.failed(f"stranger o{k} name:'n{k % 50}'", 1)

    lockout = Lockout(LockRule(failures=1), keys=500)
    guessing = threading.Thread(target=guess)
    guessing.start()
    while guessing.is_alive():
        lockout.longest_ns(" name:'n1'", 1)
    guessing.join()
    assert lockout.longest_ns(" name:'n1'", 1) > 1


def test_one_good_account_does_not_free_its_origin_to_go_on_guessing(world: World) -> None:
    for k in range(4):
        world.attempt(f"guess{k}", "wrong wrong wrong", origin="evil")
    assert world.attempt("anna", GOOD, origin="evil")[0] == "p-anna"
    world.attempt("guess", "wrong wrong wrong", origin="evil")
    assert world.attempt("anna", GOOD, origin="evil")[2] > 0


def test_a_stranger_cannot_keep_a_duty_seat_locked(world: World) -> None:
    for k in range(50):
        world.attempt("anna", "wrong wrong wrong", origin=f"o{k}")
    assert world.attempt("anna", GOOD)[2] > 0
    assert world.accounts.unlock("anna", GOOD, "", "session-1", world.now_ns).ok


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=60))
def test_locks_are_what_the_rule_says_for_any_times(steps: list[tuple[int, bool]]) -> None:
    lockout, now_s, until_s = Lockout(LockRule()), 0, 0
    failed: list[int] = []
    for wait_s, passes in steps:
        now_s += wait_s
        locked = lockout.locked_until_ns("k", now_s * NS) > 0
        assert locked == (now_s < until_s)
        if locked:
            assert not lockout.failed("k", now_s * NS)
        elif passes:
            lockout.passed("k")
            failed = []
        else:
            failed.append(now_s)
            locks = len([t for t in failed if t > now_s - 900]) >= 5
            assert lockout.failed("k", now_s * NS) == locks
            if locks:
                failed, until_s = [], now_s + 900


@given(
    st.lists(st.tuples(st.sampled_from(["go", "set", "reboot", "save"]), st.integers(-100_000, 100_000)), max_size=30)
)
def test_no_jump_of_a_clock_opens_a_lock_early(moves: list[tuple[str, int]]) -> None:
    clocks = Clocks()
    steady, lockout = Steady(clocks.read), Lockout()
    for _ in range(5):
        lockout.failed("k", steady.now_ns())
    passed_s, before_ns = 0, steady.now_ns()
    for move, size in moves:
        if move == "go":
            clocks.go(abs(size) % 300)
            passed_s += abs(size) % 300
        elif move == "set":
            clocks.set_wall(size)
        elif move == "save":
            steady = Steady(clocks.read, steady.kept())
        now_ns = steady.now_ns()
        assert now_ns >= before_ns
        before_ns = now_ns
        assert (lockout.locked_until_ns("k", now_ns) > 0) == (passed_s < 900)


def test_the_steady_clock_goes_on_over_a_reboot_whose_clock_was_put_back() -> None:
    clocks = Clocks()
    kept: Kept = Steady(clocks.read).kept()
    clocks.reboot(off_s=-86_400)
    clocks.go(5)
    again = Steady(clocks.read, kept)
    assert again.now_ns() == 5 * NS
    clocks.reboot(off_s=600)
    assert Steady(clocks.read, again.kept()).now_ns() == again.now_ns() == 605 * NS


def test_a_flood_of_names_is_bounded_and_opens_no_lock() -> None:
    lockout = Lockout(keys=50)
    for _ in range(5):
        lockout.failed("anna", NS)
    for k in range(1000):
        lockout.failed(f"name-{k}", 2 * NS)
    assert lockout.locked_until_ns("anna", 3 * NS) > 0
    assert lockout.forgotten == 951


# ---------------------------------------------------------------- passwords


@pytest.mark.parametrize(
    "password",
    [
        "short pass",
        "a" * 12,
        "ababababababab",
        "123456789012",
        "20261122202611",
        "password1234",
        "Password2026!!",
        "p@$$w0rd1234!",
        "passwordpassword",
        "qwertyuiop12",
        "1234qwertyuiop",
        "abcdefghijkl",
        "abcabcabcabc123",
        "anna.lee1988",
        "AnnaLee-AnnaLee",
        "yilan@2026!!!",
        "admin@123456",
        "woaini1314520",
        "x" * 300 + "abcdefgh",
    ],
)
def test_what_everybody_tries_first_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_password(password, "anna.lee", "p-anna")
    assert password not in str(refused.value) + refused.value.zh
    assert "新密码" in refused.value.zh, "in the language of who typed it too"


@pytest.mark.parametrize(
    "password",
    [GOOD, "Rk7#vv-2Lq!tz", "窗前明月光疑是地上霜举头望", "my dog eats orange shoes", "anna lee walks to work"],
)
def test_a_passphrase_of_ones_own_is_taken(password: str) -> None:
    check_password(password, "anna.lee", "p-anna")


def test_raised_cost_rehashes_at_the_next_log_in(tmp_path: Path) -> None:
    World(tmp_path).accounts.add("anna", "p", GOOD)
    before = (tmp_path / "accounts").read_bytes()
    dearer = World(tmp_path, HashCost(time_cost=2, memory_kib=16, parallelism=1))
    assert dearer.attempt("anna", GOOD)[0] == "p"
    after = (tmp_path / "accounts").read_bytes()
    assert b"m=8,t=1" in before and b"m=16,t=2" in after and b"m=8,t=1" not in after
    assert World(tmp_path).attempt("anna", GOOD)[0] == "p"


def test_changing_it_needs_the_old_one_and_another_new_one(world: World) -> None:
    new = "nine grey geese at dusk"
    assert not world.accounts.change_password("anna", "wrong wrong wrong", new, "", "s", 0).ok
    with pytest.raises(BadInput, match="another"):
        world.accounts.change_password("anna", GOOD, GOOD, "", "s", 0)
    with pytest.raises(BadInput, match="at least 12"):
        world.accounts.change_password("anna", GOOD, "short", "", "s", 0)
    assert world.accounts.change_password("anna", GOOD, new, "", "s", 0).ok
    assert world.attempt("anna", new)[0] == "p-anna" and world.attempt("anna", GOOD)[0] == ""


def test_given_passwords_have_to_be_changed(world: World) -> None:
    world.accounts.set_password("anna", "nine grey geese at dusk")
    assert world.accounts.login("anna", "nine grey geese at dusk", "", "o", 0).change_next


# ---------------------------------------------------------------- second factor


def test_codes_are_those_of_rfc_6238() -> None:
    secret = b"12345678901234567890"
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}
    assert {t: _code(secret, t // 30).decode() for t in vectors} == vectors
    assert matching_step(secret, "287082", 59 + 30, 0) == 1
    assert matching_step(secret, "287082", 59 + 61, 0) is None
    assert matching_step(secret, "287082", 59, 1) is None
    assert matching_step(secret, "", 59, 0) is None
    assert enrolment_uri(secret, "anna", "site a").startswith("otpauth://totp/site%20a:anna?secret=GEZDGNBVGY3TQOJQ")


def test_a_code_counts_once_and_is_asked_of_who_has_one(world: World) -> None:
    secret = new_secret()
    world.accounts.begin_totp("anna", secret)
    code = _code(secret, WALL // 30).decode()
    assert world.attempt("anna", GOOD)[0] == ""
    assert world.attempt("anna", GOOD, code)[0] == "p-anna"
    assert world.attempt("anna", GOOD, code)[0] == ""
    world.wall_s += 60
    assert world.attempt("anna", GOOD, _code(secret, WALL // 30 + 2).decode())[0] == "p-anna"
    world.accounts.end_totp("anna")
    assert world.attempt("anna", GOOD)[0] == "p-anna"


# ---------------------------------------------------------------- the file


def test_accounts_come_back_and_a_damaged_file_lets_nobody_in(world: World, tmp_path: Path) -> None:
    assert World(tmp_path).attempt("anna", GOOD)[0] == "p-anna"
    assert (tmp_path / "accounts").stat().st_mode & 0o777 == 0o600
    (tmp_path / "accounts").write_bytes(b"\x93garbage")
    with pytest.raises(ResourceError, match="restore it"):
        World(tmp_path)


def test_names_are_unique_and_the_dropped_are_gone(world: World) -> None:
    with pytest.raises(BadInput, match="there already"):
        world.accounts.add("ANNA", "other", GOOD)
    world.accounts.drop("anna")
    assert world.attempt("anna", GOOD)[0] == "" and len(world.accounts) == 0


def test_no_secret_is_printed_or_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = new_secret()
    world.accounts.begin_totp("anna", secret)
    world.attempt("anna", GOOD)
    account = world.accounts._accounts["anna"]
    for text in (repr(account), str(account), f"{[account]}", repr(world.accounts.__dict__), caplog.text):
        assert GOOD not in text and account.hash not in text and repr(secret)[2:-1] not in text


def test_a_full_disk_keeps_what_was_there(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.node.access.files.os.fsync", full)
    with pytest.raises(ResourceError, match="No space left"):
        world.accounts.set_password("anna", "nine grey geese at dusk")
    monkeypatch.undo()
    assert world.attempt("anna", GOOD)[0] == "p-anna"
    assert World(tmp_path).attempt("anna", GOOD)[0] == "p-anna"
