"""The trust file: another node takes this site's policies and no other's; nobody begins a site of their own there."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from console.api import BadInput, RefusedError, ResourceError
from console.node.access.gate import AccessSettings, Gate
from console.node.access.office import SecurityOffice
from console.node.access.signing import PolicyKey
from console.node.access.trust import hand_over, main, read_trust, trusted_key
from console.node.network import Address, refuse_unpeopled
from tests.unit.node.access.site import CHEAP, POLICY, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "key's node")


def other_node(folder: Path, file: Path | None) -> Gate:
    folder.mkdir(exist_ok=True)
    trusted = trusted_key(folder, None, read_trust(file) if file is not None else None)
    gate = Gate(folder, AccessSettings(cost=CHEAP), lambda entry: None, trusted=trusted)
    gate.open()
    if file is not None:
        gate.offer(read_trust(file).document)
    return gate


def test_another_node_knows_the_sites_people_by_it(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "site.trust"
    hand_over(site.folder, file)
    gate = other_node(tmp_path / "b", file)
    assert gate.rights.knows("duty").may and gate.policy_age().version == POLICY.version
    assert not SecurityOffice(tmp_path / "b", gate, None).first_start
    gate.close()
    again = other_node(tmp_path / "b", None)  # it belongs to the site for good
    assert again.rights.knows("duty").may
    again.close()


def test_carried_again_it_brings_the_newer_policy(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "site.trust"
    hand_over(site.folder, file)
    gate = other_node(tmp_path / "b", file)
    newer = replace(POLICY, version=POLICY.version + 1, people=POLICY.people[1:])
    site.gate.offer(site.key.sign(newer, site.clocks.wall_ns + 1))
    hand_over(site.folder, file)
    assert gate.offer(read_trust(file).document).taken and not gate.rights.knows(POLICY.people[0].id).may
    gate.close()


def test_another_sites_is_refused_and_both_keys_named(site: Site, tmp_path: Path) -> None:
    mine, other = tmp_path / "site.trust", tmp_path / "other.trust"
    hand_over(site.folder, mine)
    strange = Site(tmp_path / "strange")
    hand_over(strange.folder, other)
    other_node(tmp_path / "b", mine).close()
    with pytest.raises(RefusedError, match=rf"another site.*{site.key.public.hex()[:16]}"):
        trusted_key(tmp_path / "b", None, read_trust(other))
    with pytest.raises(RefusedError, match="another site"):
        trusted_key(site.folder, site.key, read_trust(other))
    assert trusted_key(site.folder, site.key, read_trust(mine)) == site.key.public


def test_a_file_that_is_none_changes_nothing(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "site.trust"
    with pytest.raises(ResourceError, match="certs trust"):
        read_trust(file)
    for text in ("", "{}", '{"site": "x", "policy_key": "00", "policy": "", "more": 1}', "\x00"):
        file.write_text(text)
        with pytest.raises(BadInput):
            read_trust(file)
    made = hand_over(site.folder, file)
    forged = replace(made, policy_key=PolicyKey.new(tmp_path / "forger").public.hex())
    (tmp_path / "b").mkdir()
    with pytest.raises(BadInput, match="not signed by this site's key"):
        trusted_key(tmp_path / "b", None, forged)
    assert trusted_key(tmp_path / "b", None, None) is None
    for bad in (replace(made, policy_key="no hex"), replace(made, policy="no base64!")):
        with pytest.raises(BadInput):
            trusted_key(tmp_path / "b", None, bad)


def test_only_the_keys_node_makes_one(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match=r"no policy\.key"):
        hand_over(tmp_path / "none", tmp_path / "x.trust")
    with pytest.raises(BadInput, match="certs trust FILE"):
        main("", tmp_path)
    site.folder.rename(tmp_path / "access")
    assert main(str(tmp_path / "x.trust"), tmp_path) == 0
    assert "site 'test'" in capsys.readouterr().out
    assert site.key.public.hex() in (tmp_path / "x.trust").read_text()


def test_on_a_network_a_node_that_nobody_could_enter_does_not_start() -> None:
    with pytest.raises(ResourceError, match="--trust FILE"):
        refuse_unpeopled(Address("10.1.0.5", 8443), nobody=True)
    refuse_unpeopled(Address("10.1.0.5", 8443), nobody=False)
    refuse_unpeopled(Address("127.0.0.1", 8443), nobody=True)
