"""Tokens, idle lock, absolute life, revocation: as a machine against a plain model, and by name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.api import NS
from console.node.access.sessions import Presence, SessionRule, Sessions

RULE = SessionRule(idle_s=600, life_s=3600, each=3)
ACTS = st.tuples(st.sampled_from(["act", "unlock", "lock", "wait"]), st.integers(0, 900))


@given(st.lists(ACTS, max_size=40), st.booleans())
def test_a_session_is_open_locked_or_ended_as_the_rule_says(acts: list[tuple[str, int]], wall: bool) -> None:
    ended: list[str] = []
    sessions = Sessions(RULE, lambda session, why: ended.append(why))
    session, _ = sessions.begin("p", wall=wall, lasting=wall, now_ns=0)
    now_s = acted_s = 0
    locked = over = False
    for act, wait_s in acts:
        now_s += wait_s
        over = over or (now_s >= 3600 and not wall)
        locked = not wall and (locked or now_s - acted_s >= 600)
        expected = Presence.ENDED if over else Presence.LOCKED if locked else Presence.OPEN
        assert sessions.presence(session.number, now_s * NS) is expected
        if act == "act":
            sessions.acted(session.number, now_s * NS)
            acted_s = acted_s if locked or over else now_s
        elif act == "lock":
            sessions.lock(session.number)
            locked = locked or not wall
        elif act == "unlock":
            assert sessions.unlocked(session.number, now_s * NS) == (not over)
            locked, acted_s = (locked, acted_s) if over else (False, now_s)
    assert ended == (["life_over"] if over else [])


def test_only_the_hash_of_a_token_is_kept() -> None:
    sessions = Sessions()
    session, token = sessions.begin("p", now_ns=0)
    kept = sessions.kept()
    assert token.encode() not in kept and token not in repr(sessions.__dict__) and token not in repr(session)
    again = Sessions()
    assert again.restore(kept) == 1
    assert again.find(token, NS) == session
    assert again.find(token + "x", NS) is None and again.find("", NS) is None
    assert Sessions().restore(b"\xc1 damaged") == 0


def test_a_restored_session_keeps_its_lock_and_its_end() -> None:
    sessions = Sessions(RULE)
    session, token = sessions.begin("p", now_ns=0)
    sessions.lock(session.number)
    again = Sessions(RULE)
    again.restore(sessions.kept())
    assert again.presence(session.number, NS) is Presence.LOCKED
    assert again.find(token, 3600 * NS) is None


def test_a_session_of_a_clock_that_was_lost_is_over() -> None:
    sessions = Sessions(RULE)
    _, token = sessions.begin("p", now_ns=300 * 86_400 * NS)
    again = Sessions(RULE)
    again.restore(sessions.kept())
    assert again.find(token, 5 * NS) is None


def test_tokens_are_all_different_and_long() -> None:
    sessions = Sessions(SessionRule(each=200))
    tokens = {sessions.begin("p", now_ns=k)[1] for k in range(100)}
    assert len(tokens) == 100 and min(map(len, tokens)) >= 43


def test_a_persons_oldest_ends_where_there_are_too_many() -> None:
    ended: list[tuple[str, str]] = []
    sessions = Sessions(RULE, lambda session, why: ended.append((session.place, why)))
    for k in range(5):
        sessions.begin("p", place=str(k), now_ns=k)
    sessions.begin("q", now_ns=9)
    assert ended == [("0", "too_many"), ("1", "too_many")] and len(sessions) == 4


def test_ending_is_told_once_and_the_token_opens_nothing() -> None:
    ended: list[str] = []
    sessions = Sessions(RULE, lambda session, why: ended.append(why))
    session, token = sessions.begin("p", now_ns=0)
    other, _ = sessions.begin("p", now_ns=0)
    assert sessions.end_person("p", "revoked", but=other.number) == 1
    assert sessions.end(session.number, "again") is None
    assert sessions.find(token, 1) is None and not sessions.unlocked(session.number, 1)
    assert ended == ["revoked"]


def test_review_ends_whom_nobody_knows_any_more() -> None:
    sessions = Sessions(RULE)
    gone, _ = sessions.begin("gone", now_ns=0)
    stays, _ = sessions.begin("stays", now_ns=0)
    assert sessions.review(lambda s: s.person != "gone", 1) == [gone]
    assert sessions.all() == [stays]
