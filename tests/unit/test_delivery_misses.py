"""A limit on asking for what is not there, by address and minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio_support.delivery.misses import Misses


def test_so_many_at_once_and_then_so_many_a_minute() -> None:
    misses = Misses(60)
    assert [misses.allows("a", 0.0) for _ in range(61)] == [True] * 60 + [False]
    assert misses.allows("a", 0.5) is False
    assert misses.allows("a", 1.1) is True  # one a second comes back
    assert misses.allows("a", 1.2) is False


def test_addresses_do_not_answer_for_each_other() -> None:
    misses = Misses(1)
    assert (misses.allows("a", 0.0), misses.allows("a", 0.0), misses.allows("b", 0.0)) == (True, False, True)


def test_rest_does_not_save_up_more_than_a_minute() -> None:
    misses = Misses(2)
    misses.allows("a", 0.0)
    assert [misses.allows("a", 10_000.0) for _ in range(3)] == [True, True, False]


def test_nought_means_no_limit() -> None:
    assert all(Misses(0).allows("a", 0.0) for _ in range(1000))


def test_what_is_remembered_is_bounded_and_the_latest_stays() -> None:
    misses = Misses(1)
    for number in range(10_001):
        assert misses.allows(f"address {number}", 0.0)
    assert misses.allows("address 10000", 0.0) is False
    assert misses.allows("address 0", 0.0) is True  # the longest ago was let go


@given(st.integers(1, 50), st.lists(st.floats(0, 5), max_size=200))
def test_never_more_than_the_limit_and_what_came_back(per_minute: int, pauses: list[float]) -> None:
    misses, now, allowed = Misses(per_minute), 0.0, 0
    for pause in pauses:
        now += pause
        allowed += misses.allows("a", now)
    assert allowed <= per_minute + now * per_minute / 60 + 1e-6


def test_whoever_has_a_network_of_ipv6_has_one_limit() -> None:
    misses = Misses(1)
    assert misses.allows("2001:db8:0:1::1", 0.0) is True
    assert misses.allows("2001:db8:0:1:ffff:ffff:ffff:ffff", 0.0) is False
    assert misses.allows("2001:db8:0:2::1", 0.0) is True
    assert [misses.allows("no:address", 0.0), misses.allows("no:address", 0.0)] == [True, False]
    assert misses.allows("other:address", 0.0) is True
    assert [misses.allows(f"::ffff:192.0.2.{last}", 0.0) for last in (1, 2)] == [True, True]
    assert misses.allows("192.0.2.1", 0.0) is False
