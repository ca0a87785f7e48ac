"""The sieve never forgets what was added, and hardly ever remembers what was not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from console.node.journal.sieve import Sieve


@settings(deadline=None)
@given(st.sets(st.text(max_size=20), max_size=50))
def test_what_was_added_is_always_maybe(texts: set[str]) -> None:
    sieve = Sieve()
    for text in texts:
        sieve.add(text)
    assert all(sieve.maybe(text) for text in texts)


def test_what_was_not_added_is_hardly_ever_maybe() -> None:
    sieve = Sieve()
    assert not sieve.maybe("anything")
    for number in range(50_000):
        sieve.add(f"added {number}")
    wrong = sum(sieve.maybe(f"never {number}") for number in range(20_000))
    assert wrong < 20
