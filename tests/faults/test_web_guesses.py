"""What an address that opens nothing gives away by its time, and a longer fuzz of `serve`.

Each round asks for one address of each kind, in an order that is drawn anew, over one connection. How well one answer's
time tells two kinds apart is the area under the ROC curve (Mann and Whitney's U over both counts): 0.5 tells nothing.
Threshold: it may differ from 0.5 by no more than 0.05 and four standard errors of it, sqrt((2n + 1) / (12 n^2)), so
that a fair sample is refused once in 15,000 runs. STUDIO_FAULTS times ten rounds.
"""

from __future__ import annotations

import http.client
import itertools
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings

from tests.web_requests import check_answer, requests
from tests.web_site import Site, made_site

pytestmark = pytest.mark.faults
EFFECT = 0.05
ERRORS = 4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("web")) as made:
        yield made


def area(ones: Sequence[float], others: Sequence[float]) -> float:
    """How often a time of `ones` is the longer one; ties count half."""
    ranked = sorted([(seconds, 1) for seconds in ones] + [(seconds, 0) for seconds in others])
    total = 0.0
    position = 0
    for _, group in itertools.groupby(ranked, key=lambda pair: pair[0]):
        tied = [mine for _, mine in group]
        total += sum(tied) * (position + (len(tied) + 1) / 2)
        position += len(tied)
    return (total - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


def threshold(count: int) -> float:
    return EFFECT + ERRORS * math.sqrt((2 * count + 1) / (12 * count**2))


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
    found = times(site, kinds_of(site, dice), kills * 10, dice)
    areas = {
        f"{one} and {other}": area(found[one], found[other]) for one, other in itertools.combinations(sorted(found), 2)
    }
    print({pair: round(value, 3) for pair, value in areas.items()}, "threshold", round(threshold(kills * 10), 3))  # noqa: T201 - shown by -s
    assert {pair for pair, value in areas.items() if abs(value - 0.5) > threshold(kills * 10)} == set()


def test_a_difference_that_tells_would_be_seen(site: Site, kills: int, dice: random.Random) -> None:
    """A hundred microseconds more for one kind are found out."""
    kinds = {"unknown": kinds_of(site, dice)["unknown"], "revoked": lambda: site.dead["2026-0002"]}
    found = times(site, kinds, kills * 10, dice)
    middle = sorted(found["unknown"])[len(found["unknown"]) // 2]
    slower = [seconds + max(0.0001, middle / 4) for seconds in found["revoked"]]
    assert abs(area(slower, found["unknown"]) - 0.5) > threshold(kills * 10)


def test_the_area_is_what_mann_and_whitney_say() -> None:
    # of the six pairs (1,2) (1,2) (3,2) (3,2) (2,2) (2,2) two are greater and two are ties: (2 + 1) / 6
    assert area([1, 3, 2], [2, 2]) == pytest.approx(0.5)
    assert area([2, 3], [1, 1]) == pytest.approx(1.0)
    assert area([1, 1, 4], [2, 3]) == pytest.approx(1 / 3)


def test_a_longer_fuzz_finds_no_fault(site: Site, kills: int) -> None:
    @settings(max_examples=kills * 10, suppress_health_check=[HealthCheck.too_slow])
    @given(request=requests())
    def asked(request: bytes) -> None:
        check_answer(site, request)

    asked()
