"""What an address that opens nothing gives away by its time, and a longer fuzz of `serve`.

Each round asks for one address of each kind, in an order that is drawn anew, over one connection, and counts which of
two took longer. If the kinds tell nothing each wins half of the rounds, whatever else the machine has to do meanwhile:
a round has its load in common, and the order is chance. Threshold: a share of wins may differ from a half by 0.05, and
by sqrt(ln(2 * 6 / a) / 2n) more: by Hoeffding's inequality a fair run of n rounds and six pairs is refused with a
probability below a = 1e-7. STUDIO_FAULTS times ten rounds; STUDIO_FAULTS_REQUESTS requests in the fuzz. That the steps
are the same, call by call, is shown without a clock in tests/flow/delivery/test_delivery_web_steps.py.
"""

from __future__ import annotations

import http.client
import itertools
import math
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings

from tests.web_requests import check_answer, requests
from tests.web_site import Site, made_site

pytestmark = pytest.mark.faults
EFFECT = 0.05
PAIRS = 6
FALSE_ALARM = 1e-7


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("web")) as made:
        yield made


def wins(ones: Sequence[float], others: Sequence[float]) -> float:
    """The share of rounds in which `ones` took longer; ties count half."""
    won = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one, other in zip(ones, others, strict=True))
    return won / len(ones)


def threshold(rounds: int) -> float:
    return EFFECT + math.sqrt(math.log(2 * PAIRS / FALSE_ALARM) / (2 * rounds))


def seen(ones: Sequence[float], others: Sequence[float]) -> float:
    """The microseconds by which `ones` would have to be slower to be told, to one in 64 of the median."""
    step = sorted(ones)[len(ones) // 2] / 64
    slower = (n * step for n in itertools.count())
    return next(by for by in slower if wins([one + by for one in ones], others) - 0.5 > threshold(len(ones))) * 1e6


def times(site: Site, kinds: dict[str, Callable[[], str]], rounds: int, dice: random.Random) -> dict[str, list[float]]:
    """Seconds from the first byte sent to the last one read, by kind."""
    connection = http.client.HTTPConnection("127.0.0.1", site.served.port, timeout=20)
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    answers = set()
    for number in range(rounds + 20):
        for kind in dice.sample(sorted(kinds), len(kinds)):
            path = kinds[kind]()
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            took = time.perf_counter() - began
            answers.add((answer.status, body, tuple((k, v) for k, v in answer.getheaders() if k != "date")))
            if number >= 20:  # what is warm from then on was cold for all kinds alike
                found[kind].append(took)
    connection.close()
    assert len(answers) == 1
    return found


def kinds_of(site: Site, dice: random.Random) -> dict[str, Callable[[], str]]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    def name(length: int) -> str:
        return "".join(dice.choices(letters, k=length))

    return {
        "unknown": lambda: f"/{name(43)}/invoice.html",
        "revoked": lambda: site.dead["2026-0002"],
        "cancelled": lambda: site.dead["2026-0004"],
        "malformed": lambda: f"/{name(42)}./invoice.html",
    }


def test_unknown_revoked_cancelled_and_malformed_take_the_same_time(
    site: Site, kills: int, dice: random.Random
) -> None:
    rounds = kills * 10
    found = times(site, kinds_of(site, dice), rounds, dice)
    shares = {
        f"{one} and {other}": wins(found[one], found[other]) for one, other in itertools.combinations(sorted(found), 2)
    }
    assert len(shares) == PAIRS
    rounded = {pair: round(value, 3) for pair, value in shares.items()}
    least = seen(found["unknown"], found["revoked"])
    print(rounded, f"threshold {threshold(rounds):.3f}; a difference of {least:.0f} us would be seen")  # noqa: T201 - shown by -s
    assert {pair for pair, value in shares.items() if abs(value - 0.5) > threshold(rounds)} == set()


def test_a_difference_that_tells_would_be_seen() -> None:
    """Of times as a quiet machine has them: 700 us and now and then far more. A hundred more are found out in 2,000
    rounds, none are not. No clock, no server: the same every time."""
    dice = random.Random(5)

    def drawn() -> list[float]:
        return [0.0007 * math.exp(dice.gauss(0, 0.1)) + (0.01 if dice.random() < 0.01 else 0) for _ in range(2000)]

    ones, others = drawn(), drawn()
    assert abs(wins(ones, others) - 0.5) < threshold(2000)
    assert wins([one + 0.0001 for one in ones], others) - 0.5 > threshold(2000)
    assert 20 < seen(ones, others) < 100


def test_the_share_of_wins_and_its_threshold_are_what_was_written_down() -> None:
    assert wins([1, 3, 2, 5], [2, 2, 2, 1]) == pytest.approx((0 + 1 + 0.5 + 1) / 4)
    assert threshold(2000) == pytest.approx(0.05 + math.sqrt(math.log(1.2e8) / 4000))  # 0.118
    assert threshold(200) == pytest.approx(0.2657, abs=0.0005)


def test_a_longer_fuzz_finds_no_fault(site: Site) -> None:
    answered: Counter[int | None] = Counter()

    @settings(
        max_examples=int(os.environ.get("STUDIO_FAULTS_REQUESTS", "200")), suppress_health_check=list(HealthCheck)
    )
    @given(request=requests())
    def asked(request: bytes) -> None:
        answered[check_answer(site, request)] += 1

    asked()
    print(f"{answered.total()} requests:", dict(answered.most_common()))  # noqa: T201 - shown by -s
    pages = sum(answered[status] for status in (200, 206, 404, 405, 410, 416))
    assert pages > answered.total() / 2  # the pages themselves are asked, not only the parser below them
