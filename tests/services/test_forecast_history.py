"""The forecast from history: on made-up histories whose hazards are known, and on thin ones."""

from dataclasses import replace

import numpy as np
import pytest

from salesdesk.services import forecast_stays
from salesdesk.services.forecast_chances import Chances, learn
from salesdesk.services.forecast_range import Throws, outlook, unevenness
from salesdesk.services.forecast_stays import DAY, Floats, Ints, Layout, Stays, stays_of

OPEN, WON, LOST = (1, 2, 3), 4, 5
KINDS = {1: "open", 2: "open", 3: "open", 4: "won", 5: "lost"}
#: Of each open stage: chance of a day to be left, and of these the part that goes on.
LEAVE, ONWARDS = (0.10, 0.05, 0.08), (0.6, 0.7, 0.8)
YEAR = 365


def layout() -> Layout:
    place = np.array([-1, 0, 1, 2, -1, -1], np.int64)
    kind = np.array([3, 0, 0, 0, 1, 2], np.int64)
    return Layout(OPEN, (1,), place, kind, np.zeros(3, np.int64), np.array([1, 2, -1], np.int64))


def lives(
    rng: np.random.Generator, born: Floats, leave: Floats, onwards: Floats, first: int = 0
) -> list[list[float]]:
    """For each deal: the moments (in days) at which it enters its stages, and the last one's end;
    the second part of each line is the path of stages."""
    found = []
    for start in born:
        at, stage, line = float(start), first, []
        while True:
            line += [at, OPEN[stage]]
            at += rng.exponential(1 / leave[stage])
            if rng.random() >= onwards[stage]:
                line += [at, LOST]
                break
            if stage == 2:
                line += [at, WON]
                break
            stage += 1
        found.append(line)
    return found


def stays(histories: list[list[float]], until: float) -> Stays:
    """The stays of these deals, up to a day."""
    rows = [
        (deal, int(line[at + 1]), round(line[at] * DAY))
        for deal, line in enumerate(histories)
        for at in range(0, len(line), 2)
        if line[at] <= until
    ]
    table = np.array(rows, np.int64).reshape(-1, 3)
    return stays_of(table[:, 0], table[:, 1], table[:, 2], KINDS)


def truth(days: float, leave: Floats, onwards: Floats, first: int, n: int = 60_000) -> float:
    """How many of many deals are won within so many days of the beginning of a stage."""
    rng = np.random.default_rng(7)
    at, alive, won = np.zeros(n), np.ones(n, np.bool_), np.zeros(n, np.bool_)
    for stage in range(first, 3):
        at = at + rng.exponential(1 / leave[stage], n)
        alive &= rng.random(n) < onwards[stage]
    won = alive & (at <= days)
    return float(won.mean())


def simple(n: int, seed: int, span: int = 2 * YEAR) -> tuple[list[list[float]], float]:
    rng = np.random.default_rng(seed)
    born = np.sort(rng.uniform(0, span, n))
    return lives(rng, born, np.array(LEAVE), np.array(ONWARDS)), float(span)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_the_estimate_converges_to_known_hazards(first: int) -> None:
    histories, now = simple(12_000, 1)
    found = learn(stays(histories, now), layout(), int(now * DAY))
    within = found.within((10.0, 30.5, 91.0, 365.0))
    for days, chance in within.items():
        true = truth(days, np.array(LEAVE), np.array(ONWARDS), first)
        # A stage without memory: as likely at any age.
        for age in (0, 5, 12, 25):
            assert chance[first, age] == pytest.approx(true, abs=0.035), (days, age)


def test_censoring_does_not_make_chances_smaller() -> None:
    """Deals that began lately are mostly open: leaving them out, or taking them for lost, would be
    far from the truth."""
    rng = np.random.default_rng(3)
    born = np.sort(rng.uniform(0, 60, 6_000))
    histories = lives(rng, born, np.array(LEAVE), np.array(ONWARDS))
    found = learn(stays(histories, 60.0), layout(), 60 * DAY)
    true = truth(50.0, np.array(LEAVE), np.array(ONWARDS), 0)
    assert found.within((50.0,))[50.0][0, 0] == pytest.approx(true, abs=0.04)
    closed = found.like_won[0, 0] / max(found.like[0, 0], 1)
    naive = found.like_won[0, 0] / 6_000
    assert abs(naive - true) > 0.05
    assert closed < truth(1e6, np.array(LEAVE), np.array(ONWARDS), 0)


def test_age_matters_where_it_does() -> None:
    """Whoever stands longer than 30 days in the first stage is never won."""
    rng = np.random.default_rng(5)
    histories = []
    for start in np.sort(rng.uniform(0, YEAR, 4_000)):
        stay = rng.uniform(0, 60)
        good = stay < 30 and rng.random() < 0.6
        histories.append([start, 3.0, start + stay, WON if good else LOST])
    found = learn(stays(histories, 2.0 * YEAR), layout(), 2 * YEAR * DAY)
    chance = found.within((100.0,))[100.0][2]
    assert chance[0] == pytest.approx(0.3, abs=0.03)
    assert chance[20] == pytest.approx(0.6 * 10 / 40, abs=0.05)
    assert chance[35] < 0.04  # not nothing: what was never seen may yet come


def test_the_future_changes_nothing() -> None:
    histories, _ = simple(800, 11)
    moment = 500 * DAY
    whole, cut = stays(histories, 2.0 * YEAR), stays(histories, 500.0)
    one, other = learn(whole, layout(), moment), learn(cut, layout(), moment)
    assert np.array_equal(one.daily, other.daily)
    assert np.array_equal(one.like, other.like)
    assert np.array_equal(one.like_won, other.like_won)
    within = one.within((30.0,))[30.0]
    assert unevenness(whole, layout(), within, moment, 30) == unevenness(
        cut, layout(), within, moment, 30
    )


def _open(histories: list[list[float]], now: float) -> tuple[Ints, Ints, list[list[float]]]:
    """Deals that stand open: place of the stage, moment of entry, and their lives."""
    places, entered, mine = [], [], []
    for line in histories:
        moments, stages = line[0::2], [int(each) for each in line[1::2]]
        at = sum(each <= now for each in moments) - 1
        if at >= 0 and stages[at] in OPEN:
            places.append(OPEN.index(stages[at]))
            entered.append(round(moments[at] * DAY))
            mine.append(line)
    return np.array(places, np.int64), np.array(entered, np.int64), mine


def _throws(found: Chances, places: Ints, entered: Ints, now: int, days: float) -> Throws:
    within = found.within((0.0, days))
    return Throws(outlook(found, places, entered, now, within, [(0.0, days)]))


def test_the_range_holds_the_truth_eight_times_of_ten() -> None:
    held, below, above = 0, 0, 0
    seeds = 80
    for seed in range(seeds):
        histories, now = simple(900, 100 + seed)
        known, moment = stays(histories, now), int(now * DAY)
        found = learn(known, layout(), moment)
        places, entered, mine = _open(histories, now)
        units = np.random.default_rng(seed).lognormal(3, 0.7, len(mine))
        won = np.array([line[-1] == WON and line[-2] <= now + 30 for line in mine])
        within = found.within((30.0,))[30.0]
        uneven = unevenness(known, layout(), within, moment, 30)
        expected, low, high = (
            _throws(found, places, entered, moment, 30.0).of(units).band(0, uneven)
        )
        assert low <= expected <= high
        happened = float(units[won].sum())
        held += low <= happened <= high
        below += happened < low
        above += happened > high
    # 80 throws of a coin that falls right in 80 %: between 72 and 95 % in 99 of 100 cases.
    assert 0.70 * seeds <= held <= 0.95 * seeds, (below, held, above)
    assert min(below, above) >= 1


def test_equal_questions_have_equal_answers_in_any_order() -> None:
    histories, now = simple(900, 9)
    found = learn(stays(histories, now), layout(), int(now * DAY))
    places, entered, _ = _open(histories, now)
    units = np.linspace(1, 100, len(places))
    first = _throws(found, places, entered, int(now * DAY), 30.0).of(units).band(0, 0.1)
    again = _throws(found, places, entered, int(now * DAY), 30.0).of(units).band(0, 0.1)
    assert first == again
    turned = _throws(found, places[::-1], entered[::-1], int(now * DAY), 30.0)
    assert turned.of(units[::-1]).band(0, 0.1)[0] == pytest.approx(first[0])


def test_one_deal_is_won_or_not() -> None:
    histories, now = simple(3_000, 2)
    found = learn(stays(histories, now), layout(), int(now * DAY))
    here = np.array([2]), np.array([int((now - 3) * DAY)])
    expected, low, high = (
        _throws(found, *here, int(now * DAY), 400.0).of(np.array([1000.0])).band(0, 0.0)
    )
    assert 700 < expected < 900
    assert (low, high) == (0.0, 1000.0)


def test_thin_histories_are_drawn_to_the_pipeline_and_leave_much_open() -> None:
    """Three closed deals: the chance is neither 0 nor 1, and the range is wide."""
    histories = [[0.0, 1.0, 5.0, 2.0, 9.0, 3.0, 20.0, WON], [0.0, 1.0, 8.0, LOST],
                 [1.0, 1.0, 12.0, 2.0, 15.0, LOST]]  # fmt: skip
    found = learn(stays(histories, 30.0), layout(), 30 * DAY)
    assert found.closings.tolist() == [3]
    chance = found.within((365.0,))[365.0]
    assert np.all((chance > 0.05) & (chance < 0.95))
    n = 400
    here = np.zeros(n, np.int64), np.full(n, 28 * DAY)
    _, low, high = _throws(found, *here, 30 * DAY, 365.0).of(np.ones(n)).band(0, 0.0)
    assert high - low > 0.2 * n


def test_all_lost_is_a_small_chance_not_none() -> None:
    histories = [[float(n), 1.0, n + 10.0, LOST] for n in range(50)]
    found = learn(stays(histories, 100.0), layout(), 100 * DAY)
    chance = found.within((365.0,))[365.0][0, 0]
    assert 0 < chance < 0.05


def test_no_history_knows_nothing() -> None:
    found = learn(stays([], 10.0), layout(), 10 * DAY)
    assert not found.knows(np.array([0, 1, 2])).any()
    assert np.isfinite(found.within((30.0,))[30.0]).all()
    standing = learn(stays([[0.0, 1.0]], 10.0), layout(), 10 * DAY)
    assert not standing.knows(np.array([0])).any()


def test_months_that_differ_make_the_range_wider() -> None:
    """Deals that are all won in every second month: more uneven than chance."""
    rng = np.random.default_rng(4)
    histories = []
    for start in np.sort(rng.uniform(0, 2 * YEAR, 3_000)):
        end = start + rng.exponential(30)
        month, part = divmod(end, 60)
        end = month * 60 + part / 2  # only in the first half of each sixty days
        histories.append([start, 3.0, max(end, start + 0.1), WON if rng.random() < 0.5 else LOST])
    now = 720
    known = stays(histories, float(now))
    found = learn(known, layout(), now * DAY)
    within = found.within((30.0,))[30.0]
    uneven = unevenness(known, layout(), within, now * DAY, 30)
    assert uneven > 0.1
    places, entered, mine = _open(histories, float(now))
    throws = _throws(found, places, entered, now * DAY, 30.0)
    units = np.ones(len(mine))
    even_low, even_high = throws.of(units).band(0, 0.0)[1:]
    low, high = throws.of(units).band(0, uneven)[1:]
    assert low < even_low < even_high < high


def test_large_deals_are_thrown_one_by_one_and_the_rest_together() -> None:
    """Many small deals and one as large as all of them: the range has both ends of it."""
    histories, now = simple(3_000, 2)
    found = learn(stays(histories, now), layout(), int(now * DAY))
    n = 1_000
    here = np.full(n + 1, 2), np.full(n + 1, int((now - 3) * DAY))
    units = np.append(np.ones(n), float(n))
    throws = _throws(found, *here, int(now * DAY), 10.0)
    chance = throws.seen.chance[0, 0]
    expected, low, high = throws.of(units).band(0, 0.0)
    assert expected == pytest.approx(2 * n * chance)
    assert low == pytest.approx(n * chance, rel=0.15)
    assert high == pytest.approx(n + n * chance, rel=0.15)


def test_a_planted_leak_is_found() -> None:
    """The control of ``test_the_future_changes_nothing``: learning from all is another answer."""
    histories, _ = simple(800, 11)
    whole = stays(histories, 2.0 * YEAR)
    honest = learn(whole, layout(), 500 * DAY)
    leaking = learn(replace(whole, entered=np.minimum(whole.entered, 500 * DAY)), layout(),
                    500 * DAY)  # fmt: skip
    assert not np.array_equal(honest.daily, leaking.daily)


def test_long_texts_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = np.arange(-50, 5_000) * 7
    text = ",".join(map(str, wanted.tolist()))
    for piece in (1, 2, 17, 100, 1 << 18):
        monkeypatch.setattr(forecast_stays, "_PIECE", piece)
        assert np.array_equal(forecast_stays.numbers(text), wanted)
    assert not len(forecast_stays.numbers(None))
    assert not len(forecast_stays.numbers(""))
