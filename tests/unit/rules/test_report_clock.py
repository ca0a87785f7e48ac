"""Report clocks: which limit runs, how loud it is, and that neither a restart nor a set clock bends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, RefusedError, ReportKind
from console.rules.elapsed import Boot, Elapsed, Mark, elapsed, since
from console.rules.report_clock import ReportLimits, Sent, may_send, numeral, report_name, running

MIN = 60 * NS


def ago(minutes: float) -> Elapsed:
    ns = int(minutes * MIN)
    return Elapsed(at_least_ns=ns, likely_ns=ns)


@pytest.mark.parametrize(("minutes", "warning"), [(0, 0.0), (7.4, 0.0), (7.5, 0.5), (12, 0.8), (15, 1.0), (40, 1.0)])
def test_a_limit_grows_louder_at_50_80_and_100_percent(minutes: float, warning: float) -> None:
    phone = next(c for c in running(1, ago(minutes), ()) if c.kind is ReportKind.FIRST_PHONE)
    assert phone.warning == warning
    assert phone.left_s == pytest.approx((15 - minutes) * 60)
    assert phone.overdue == (minutes >= 15)


def test_phone_first_text_after_then_follow_ups_by_number() -> None:
    assert [c.kind for c in running(2, ago(5), ())] == [ReportKind.FIRST_PHONE, ReportKind.FIRST_WRITTEN]
    written = Sent(kind=ReportKind.FIRST_WRITTEN, ago=ago(100))
    second = Sent(kind=ReportKind.FOLLOW_UP, ago=ago(30))
    phone = Sent(kind=ReportKind.FIRST_PHONE, ago=ago(110))
    (clock,) = running(2, ago(120), (phone, written, second))
    assert (clock.kind, clock.number) == (ReportKind.FOLLOW_UP, 2)
    assert clock.left_s == pytest.approx((120 - 30) * 60)


def test_after_the_control_only_the_final_report_is_due() -> None:
    sent = (Sent(kind=ReportKind.FIRST_PHONE, ago=ago(300)), Sent(kind=ReportKind.FIRST_WRITTEN, ago=ago(290)))
    (clock,) = running(1, ago(310), sent, ended=ago(10))
    assert clock.kind is ReportKind.FINAL
    assert running(1, ago(310), (*sent, Sent(kind=ReportKind.FINAL, ago=ago(1))), ended=ago(10)) == ()


def test_an_incident_without_a_grade_runs_by_the_shortest_limits() -> None:
    limits = {1: ReportLimits(first_phone_s=900.0), 4: ReportLimits(first_phone_s=3600.0)}
    clocks = {c.kind: c.limit_s for c in running(0, ago(0), (), limits=limits)}
    assert clocks[ReportKind.FIRST_PHONE] == 900.0


def test_the_most_pressing_comes_first() -> None:
    clocks = running(1, ago(20), ())
    assert [c.left_s for c in clocks] == sorted(c.left_s for c in clocks)


def test_within_one_boot_setting_the_wall_clock_changes_nothing() -> None:
    marks = [
        Mark(boot="a", boot_ns=10 * MIN, wall_ns=0),
        Mark(boot="a", boot_ns=12 * MIN, wall_ns=-3600 * NS),
        Mark(boot="a", boot_ns=15 * MIN, wall_ns=86_400 * NS),
    ]
    assert elapsed(marks) == Elapsed(at_least_ns=5 * MIN, likely_ns=5 * MIN)


def test_over_a_restart_the_time_off_is_told_as_uncertain() -> None:
    marks = [
        Mark(boot="a", boot_ns=10 * MIN, wall_ns=100 * MIN),
        Mark(boot="a", boot_ns=14 * MIN, wall_ns=104 * MIN),
        Mark(boot="b", boot_ns=1 * MIN, wall_ns=110 * MIN),
        Mark(boot="b", boot_ns=3 * MIN, wall_ns=112 * MIN),
    ]
    passed = elapsed(marks)
    assert passed.likely_ns == 12 * MIN
    assert passed.uncertain_ns == 5 * MIN
    clock = running(1, passed, ())[0]
    assert clock.uncertain_s == 300.0


mark = st.builds(
    Mark,
    boot=st.sampled_from(["a", "b"]),
    boot_ns=st.integers(0, 10**15),
    wall_ns=st.integers(-(10**18), 10**18),
)


@given(st.lists(mark, max_size=12))
def test_time_never_runs_backwards_and_never_promises_more_than_is_likely(marks: list[Mark]) -> None:
    passed = elapsed(marks)
    assert 0 <= passed.at_least_ns <= passed.likely_ns
    for cut in range(len(marks)):
        assert elapsed(marks[:cut]).likely_ns <= passed.likely_ns


PHONE, WRITTEN, FOLLOW, FINAL = ReportKind


@pytest.mark.parametrize(
    ("kind", "sent", "ended", "said"),
    [
        (PHONE, (PHONE,), False, "first report by phone was sent before; send a follow-up"),
        (WRITTEN, (PHONE, WRITTEN), False, "in writing was sent before"),
        (FOLLOW, (), False, "needs a first report"),
        (FINAL, (PHONE, WRITTEN), False, "when the incident is under control"),
        (FINAL, (PHONE, FINAL), True, "final report was sent before"),
    ],
)
def test_a_report_out_of_turn_is_refused(
    kind: ReportKind, sent: tuple[ReportKind, ...], ended: bool, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        may_send(kind, sent, ended=ended)


def test_reports_in_turn_pass() -> None:
    sent: list[ReportKind] = []
    for kind in (PHONE, WRITTEN, FOLLOW, FOLLOW, FINAL):
        may_send(kind, sent, ended=kind is FINAL)
        sent.append(kind)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "一"), (9, "九"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九"), (100, "100")]
)
def test_numbers_are_written_as_reports_write_them(number: int, words: str) -> None:
    assert numeral(number) == words
    assert report_name(FOLLOW, number).zh == f"续报{words}"
    assert report_name(FINAL).zh == "终报"


def test_a_mark_of_another_machine_is_the_wall_clocks_word_alone() -> None:
    ours = Boot(first=Mark(boot="b", boot_ns=0, wall_ns=0), last=Mark(boot="b", boot_ns=MIN, wall_ns=MIN))
    now = Mark(boot="b", boot_ns=500 * MIN, wall_ns=500 * MIN)
    for boot in ("theirs", ""):
        passed = since(Mark(boot=boot, boot_ns=7, wall_ns=490 * MIN), (ours,), now)
        assert passed == Elapsed(at_least_ns=0, likely_ns=10 * MIN)
    assert since(Mark(boot="", boot_ns=0, wall_ns=0), (), Mark(boot="", boot_ns=0, wall_ns=MIN)).likely_ns == MIN


@given(mark, st.lists(mark, max_size=4), mark, st.integers(0, 10**15))
def test_a_limit_never_goes_back_while_the_machine_is_up(told: Mark, seen: list[Mark], now: Mark, more_ns: int) -> None:
    boots = tuple({each.boot: Boot(first=each, last=each) for each in seen}.values())
    later = Mark(boot=now.boot, boot_ns=now.boot_ns + more_ns, wall_ns=now.wall_ns + more_ns)
    first, then = since(told, boots, now), since(told, boots, later)
    assert 0 <= first.at_least_ns <= first.likely_ns
    assert first.likely_ns <= then.likely_ns
    assert first.at_least_ns <= then.at_least_ns
