"""The policy that a strange page is under: listed origins, sockets to them, what is in the page itself; no more."""

from __future__ import annotations

from widgets.web.fence import no_way_round, policy


def sources(text: str, name: str) -> list[str]:
    parts = dict(part.strip().split(" ", 1) for part in text.split(";"))
    return parts[name].split()


def test_a_page_may_use_what_is_listed_and_what_it_has_in_itself() -> None:
    text = policy(["https://a.cn:443", "http://127.0.0.1:80"])
    assert {s for s in sources(text, "default-src") if "://" in s} == {
        "https://a.cn:443",
        "wss://a.cn:443",
        "http://127.0.0.1:80",
        "ws://127.0.0.1:80",
    }
    assert sources(text, "object-src") == ["'none'"]
    assert sources(text, "worker-src") == ["blob:", "data:"]
    assert "*" not in text


def test_an_address_that_a_policy_cannot_name_opens_nothing_else() -> None:
    assert not [s for s in sources(policy(["https://[::1]:8443"]), "default-src") if "://" in s]


def test_the_script_bears_the_policy_as_one_text() -> None:
    assert '"default-src ' in no_way_round(["https://a.cn:443"])
    assert "POLICY" not in no_way_round([])
