"""What forbids a policy, its signed form, and that any order of arrival ends in the newest valid one."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from console.api import NS, BadInput, SettingsError
from console.node.access.actions import OFFICE_OF, VIEW_ONLY, Action, Office
from console.node.access.policy import Assignment, Policy, Revocation, Seat, faults
from console.node.access.shelf import Shelf
from console.node.access.signing import Document, PolicyKey, opened
from console.node.access.steady import Steady
from tests.unit.node.access.site import POLICY, Clocks, person, role

ISSUED = 1_800_000_000 * NS


@pytest.fixture
def key(tmp_path: Path) -> PolicyKey:
    return PolicyKey.new(tmp_path / "policy.key")


def shelf(folder: Path, key: PolicyKey, clocks: Clocks) -> Shelf:
    made = Shelf(folder, key.public, Steady(clocks.read))
    made.open()
    return made


def test_the_sites_policy_is_sound_and_comes_back_as_it_was(key: PolicyKey) -> None:
    assert faults(POLICY) == []
    assert opened(key.sign(POLICY, ISSUED), key.public).policy == POLICY


@pytest.mark.parametrize(("one", "two"), list(itertools.combinations(Office, 2)))
def test_nobody_holds_two_offices_by_whatever_way(one: Office, two: Office, key: PolicyKey) -> None:
    mine = {office: next(a for a in Action if OFFICE_OF.get(a) is office) for office in (one, two)}
    roles = (role("one", mine[one]), role("two", mine[two]))
    ways = (
        replace(POLICY, roles=roles, seats=(), people=(person("p", ("one", "n1"), ("two", "s1")),)),
        replace(
            POLICY,
            roles=roles,
            seats=(Seat(id="s", title=POLICY.seats[0].title, role="two", area=""),),
            people=(person("p", ("one", ""), seats=("s",)),),
        ),
        replace(POLICY, roles=(role("both", *mine.values()),), seats=(), people=()),
    )
    for way in ways:
        assert any("nobody may hold two" in fault for fault in faults(way))
        with pytest.raises(SettingsError, match="nobody may hold two"):
            key.sign(way, ISSUED)


def test_two_offices_are_refused_at_loading_too(key: PolicyKey) -> None:
    roles = (role("both", Action.AUDIT_READ, Action.PEOPLE_EDIT),)
    body = msgspec.msgpack.Encoder(order="deterministic").encode(replace(POLICY, roles=roles, seats=(), people=()))
    forged = key._signed(body, ISSUED)  # as a program without this rule would sign it
    with pytest.raises(BadInput, match="nobody may hold two"):
        opened(forged, key.public)


@pytest.mark.parametrize("action", [a for a in Action if a not in VIEW_ONLY])
def test_a_view_only_role_allows_nothing_but_viewing(action: Action) -> None:
    wrong = replace(POLICY, roles=(role("r", Action.VIEW, action, view_only=True),), seats=(), people=())
    assert any("view-only" in fault for fault in faults(wrong))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 0}, "version 0"),
        ({"site": ""}, "site"),
        ({"valid_h": 0}, "valid_h"),
        ({"glass_min": 0}, "glass_min"),
        ({"schema": 2}, "schema 2"),
        ({"people": (person("p", ("no_such", "")),)}, "no role 'no_such'"),
        ({"people": (person("p", seats=("no_such",)),)}, "no seat 'no_such'"),
        ({"people": (person("p"), person("p"))}, "2 times"),
        ({"people": (person(" p"),)}, "spaces"),
        ({"people": (person("w", ("duty_officer", ""), wall=True),)}, "is a wall"),
        ({"revocations": (Revocation(reason="left"),)}, "neither a person nor a certificate"),
        ({"revocations": (Revocation(certificate="ab12"),)}, "'ab12': expected hex"),
        ({"revocations": (Revocation(certificate="0AB12"),)}, "'0AB12': expected hex"),
    ],
)
def test_a_faulty_policy_is_refused_by_name(change: dict[str, object], says: str, key: PolicyKey) -> None:
    with pytest.raises(SettingsError, match=says):
        key.sign(replace(POLICY, **change), ISSUED)


@given(st.data())
def test_no_changed_byte_passes(data: st.DataObject) -> None:
    key = KEY
    raw = bytearray(key.sign(SMALL, ISSUED))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadInput):
        opened(bytes(raw), key.public)


@given(st.binary(max_size=200))
def test_garbage_is_bad_input(raw: bytes) -> None:
    with pytest.raises(BadInput):
        opened(raw, KEY.public)


def test_another_sites_key_and_unknown_fields_are_refused(key: PolicyKey, tmp_path: Path) -> None:
    other = PolicyKey.new(tmp_path / "other.key")
    with pytest.raises(BadInput, match="not signed by this site's key"):
        opened(other.sign(POLICY, ISSUED), key.public)
    body = msgspec.msgpack.encode({"version": 9, "site": "x", "forbid_more": True})
    with pytest.raises(BadInput, match="newer program"):
        opened(key._signed(body, ISSUED), key.public)
    loose = msgspec.msgpack.encode({"version": 9, "site": "x", "valid_h": 72})
    with pytest.raises(BadInput, match="canonical"):
        opened(key._signed(loose, ISSUED), key.public)


def test_a_key_that_others_can_read_is_not_used(key: PolicyKey, tmp_path: Path) -> None:
    assert (tmp_path / "policy.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "policy.key").chmod(0o644)
    with pytest.raises(Exception, match="chmod 600"):
        PolicyKey.at(tmp_path / "policy.key")


SMALL = Policy(version=1, site="x")
KEY = PolicyKey(Ed25519PrivateKey.from_private_bytes(b"7" * 32))
OFFERS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=8)


@given(OFFERS, st.randoms(use_true_random=False), st.integers(0, 7))
def test_any_order_of_arrival_ends_in_the_newest(
    tmp_path_factory: pytest.TempPathFactory,
    offers: list[tuple[int, int, int]],
    shuffler: random.Random,
    restart_at: int,
) -> None:
    documents = [
        KEY.sign(replace(SMALL, version=version, valid_h=72 + other), ISSUED + issue * NS)
        for version, issue, other in offers
    ]
    newest = max((opened(d, KEY.public) for d in documents), key=lambda o: o.order)
    shuffled = list(documents)
    shuffler.shuffle(shuffled)
    folder, clocks = tmp_path_factory.mktemp("shelf"), Clocks()
    one = shelf(folder, KEY, clocks)
    version = 0
    for k, document in enumerate(shuffled):
        if k == restart_at:
            one = shelf(folder, KEY, clocks)
        one.offer(document)
        assert one.policy is not None and one.policy.version >= version
        version = one.policy.version
    assert one.document == newest.raw
    assert shelf(folder, KEY, clocks).document == newest.raw


def test_two_policies_of_one_version_are_told(tmp_path: Path) -> None:
    one = shelf(tmp_path, KEY, Clocks())
    one.offer(KEY.sign(replace(SMALL, valid_h=70), ISSUED))
    assert one.offer(KEY.sign(replace(SMALL, valid_h=71), ISSUED + 1)).forked
    assert not one.offer(KEY.sign(replace(SMALL, valid_h=71), ISSUED + 2)).forked


def test_age_goes_by_the_boot_clock_and_over_restarts(tmp_path: Path) -> None:
    clocks = Clocks()
    one = shelf(tmp_path, KEY, clocks)
    assert one.age().version == 0 and one.age().expired
    one.offer(KEY.sign(SMALL, clocks.wall_ns - 3600 * NS))
    assert one.age().age_ns == 3600 * NS
    clocks.set_wall(-40 * 86400)
    clocks.go(3600)
    assert one.age().age_ns == 2 * 3600 * NS
    clocks.set_wall(365 * 86400)
    assert one.age().age_ns == 2 * 3600 * NS
    clocks.go(69 * 3600)
    assert not one.age().expired
    clocks.go(3600)
    assert one.age().expired and one.age().left_ns == 0


def test_who_loses_the_clocks_file_wins_no_time(tmp_path: Path) -> None:
    clocks = Clocks()
    steady = Steady(clocks.read)
    clocks.go(300 * 86_400)
    one = Shelf(tmp_path, KEY.public, steady)
    one.offer(KEY.sign(SMALL, clocks.wall_ns))
    clocks.go(70 * 3600)
    again = Shelf(tmp_path, KEY.public, Steady(clocks.read))
    again.open()
    assert again.age().age_ns == 70 * 3600 * NS and again.expires_ns == 2 * 3600 * NS
    clocks.go(10)
    again.offer(KEY.sign(replace(SMALL, version=2), clocks.wall_ns - 50 * 3600 * NS))
    clocks.set_wall(-40 * 86_400)
    put_back = Shelf(tmp_path, KEY.public, Steady(clocks.read))
    put_back.open()
    assert put_back.age().age_ns >= 50 * 3600 * NS


def test_a_renewal_makes_it_young_and_an_old_copy_does_not(tmp_path: Path) -> None:
    clocks = Clocks()
    one = shelf(tmp_path, KEY, clocks)
    first = KEY.sign(SMALL, clocks.wall_ns)
    one.offer(first)
    clocks.go(80 * 3600)
    assert one.age().expired
    assert not one.offer(first).taken
    assert one.age().expired
    assert one.opened is not None
    assert one.offer(KEY.renew(one.opened, clocks.wall_ns)).taken
    assert not one.age().expired and one.age().version == 1


def test_a_damaged_file_is_told_not_used_and_no_way_back(tmp_path: Path) -> None:
    clocks = Clocks()
    one = shelf(tmp_path, KEY, clocks)
    old = KEY.sign(SMALL, clocks.wall_ns)
    one.offer(old)
    one.offer(KEY.sign(replace(SMALL, version=2), clocks.wall_ns))
    file = tmp_path / "policy.signed"
    file.write_bytes(file.read_bytes()[:-1])
    again = shelf(tmp_path, KEY, clocks)
    assert again.policy is None and "policy.signed" in again.trouble
    assert not again.offer(old).taken and again.policy is None
    assert again.offer(KEY.sign(replace(SMALL, version=2), clocks.wall_ns + 1)).taken and again.trouble == ""


def test_an_older_copy_put_back_on_disk_is_not_used(tmp_path: Path) -> None:
    clocks = Clocks()
    one = shelf(tmp_path, KEY, clocks)
    one.offer(KEY.sign(SMALL, clocks.wall_ns))
    old = (tmp_path / "policy.signed").read_bytes()
    one.offer(KEY.sign(replace(SMALL, version=2), clocks.wall_ns))
    (tmp_path / "policy.signed").write_bytes(old)
    again = shelf(tmp_path, KEY, clocks)
    assert again.policy is None and "put back" in again.trouble


def test_revocations_are_part_of_it(key: PolicyKey) -> None:
    policy = replace(POLICY, revocations=(Revocation(person="duty", reason="left"),))
    assert opened(key.sign(policy, ISSUED), key.public).policy.revocations[0].person == "duty"
    assert Document.__struct_fields__ == ("format", "body", "issued_ns", "signature")
    assert Assignment(role="r").area == ""
