"""A console on a network: what is wrong with address and files is said before it starts; why a link fails, in words."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest

from console.api import BadInput, ResourceError, SettingsError, Text, YilanError
from console.client.dial import checked
from console.client.trouble import NodeAddress, bare, trouble_of
from tests.certificates import Pair, SiteCerts


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> SiteCerts:
    return SiteCerts(tmp_path_factory.mktemp("certs"))


def told(certs: SiteCerts, pair: Pair | None = None, url: str = "wss://10.0.0.5:8443") -> dict[str, str]:
    files = {"cert": str(pair[0]), "key": str(pair[1])} if pair else {}
    return {"url": url, "ca": str(certs.ca), **files}


@pytest.mark.parametrize("url", ["ws://127.0.0.1:8443", "ws://localhost:1", "ws://[::1]:8443"])
def test_this_machine_is_reached_without_tls(url: str) -> None:
    assert checked({"url": url}).context() is None


@pytest.mark.parametrize("url", ["ws://10.0.0.5:8443", "ws://centre.example:8443"])
def test_nothing_beyond_it_is(url: str) -> None:
    with pytest.raises(SettingsError, match="expected wss://"):
        checked({"url": url})


@pytest.mark.parametrize(
    "url", ["", "10.0.0.5:8443", "https://h:1", "wss://h", "wss://h:port", "wss://:1", "wss://h:1/x", "wss://h:1?p=1"]
)
def test_an_address_that_is_none_is_named(certs: SiteCerts, url: str) -> None:
    with pytest.raises(SettingsError, match="wss://HOST:PORT"):
        checked(told(certs, url=url))


def test_a_password_in_an_address_is_refused_and_not_repeated(certs: SiteCerts) -> None:
    with pytest.raises(SettingsError) as refused:
        checked(told(certs, url="wss://anna:heron@h:1"))
    assert "heron" not in str(refused.value)
    assert bare("wss://anna:heron@h:1?p=heron") == "h:1"


def test_a_node_elsewhere_needs_the_sites_authority() -> None:
    with pytest.raises(SettingsError, match=r"ca\.pem"):
        checked({"url": "wss://10.0.0.5:8443"})


def test_key_and_certificate_go_together(certs: SiteCerts) -> None:
    pem, key = certs.pair("node-n1")
    for half in ({"cert": str(pem)}, {"key": str(key)}):
        with pytest.raises(SettingsError, match="both, or neither"):
            checked(told(certs) | half)


def test_files_that_will_not_do_are_named(certs: SiteCerts, tmp_path: Path) -> None:
    anna, bo = certs.user("anna"), certs.user("bo")
    with pytest.raises(BadInput, match="no such file"):
        checked(told(certs, (tmp_path / "none.pem", tmp_path / "none.key")))
    with pytest.raises(ResourceError, match="key values mismatch"):
        checked(told(certs, (anna[0], bo[1])))
    bo[1].chmod(0o640)
    with pytest.raises(ResourceError, match="chmod 600"):
        checked(told(certs, bo))


def test_who_the_certificate_names_decides_how_it_is_started(certs: SiteCerts) -> None:
    anna, wall = certs.user("anna2"), certs.wall("w1")
    assert checked(told(certs, anna)).certified
    assert checked(told(certs, wall), wall="w1").named() == ("wall", "w1")
    for pair, as_wall in ((wall, None), (anna, "anna2"), (wall, "w2"), (certs.pair("node-n1"), None), (None, "w1")):
        with pytest.raises(SettingsError, match="--cert"):
            checked(told(certs, pair), wall=as_wall)


def test_a_renewed_file_is_taken_up_at_the_next_attempt(certs: SiteCerts, tmp_path: Path) -> None:
    pem, key = certs.user("li")
    dial = checked(told(certs, (pem, key)))
    assert dial.context() is dial.context()
    key.unlink()
    with pytest.raises(YilanError, match="no such file"):
        dial.begin()


def test_what_is_wrong_with_ones_own_certificate_can_be_told_here(
    certs: SiteCerts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flaw(pair: Pair, now: dt.datetime | None = None) -> str:
        seen = checked(told(certs, pair)).flaw(now)
        return seen.en if seen is not None else ""

    good = certs.user("good")
    assert flaw(good) == ""
    assert "not valid yet" in flaw(good, dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
    assert "expired" in flaw(certs.expired("old"))
    assert "another site" in flaw(SiteCerts(tmp_path / "other").user("good"))
    assert "another use" in flaw(certs.for_servers("odd", monkeypatch))


def test_who_breaks_off_without_a_word_is_explained_by_what_is_seen_here() -> None:
    reset = ConnectionResetError("gone")
    why = trouble_of(EOFError(), reset, "wss://h:1", lambda: Text("证书有误", "a flaw"))
    assert why.refused and why.summary.en == "a flaw"
    unknown = trouble_of(EOFError("stream ends"), reset, "wss://h:1", lambda: None)
    assert not unknown.refused and "h:1" in unknown.detail


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), OSError("no route"), ssl.SSLError("odd")])
def test_a_node_that_is_not_there_is_no_refusal(error: Exception) -> None:
    why = trouble_of(error, None, "wss://h:1", lambda: None)
    assert not why.refused and why.tip.zh and why.summary.zh


def test_an_address_shows_no_secret() -> None:
    assert "hush" not in repr(NodeAddress(url="ws://127.0.0.1:1", secret="hush"))


def test_thirty_days_before_its_end_the_console_says_so(certs: SiteCerts) -> None:
    dial, now = checked(told(certs, certs.user("qi"))), dt.datetime.now(dt.UTC)
    assert dial.notice(now) is None and checked(told(certs)).notice(now) is None
    soon = dial.notice(now + dt.timedelta(days=380))
    assert soon is not None and "16 days" in soon.summary.en and "user-qi.pem" in soon.detail and "certs" in soon.tip.en
