"""What a replay comes to: how far each way of forecasting missed, and one plain sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from salesdesk.text import ntr, tr

if TYPE_CHECKING:
    from salesdesk.services.forecast_replay import Said

#: Fewer Mondays than this decide nothing.
FEWEST = 8
#: The share of the range: eight of ten Mondays should lie in it.
RANGE = 0.8
#: Where a smaller part of the open deals has an amount, that is said.
_PRICED = 0.7


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of the ``mondays`` whose horizon is over: how far (a) and (b) missed on average, as parts of
    what happened on average, and by how much they said too much (+) or too little (-) altogether;
    None where nothing happened. ``held``: on how many the truth lay in the range. ``dated``,
    ``priced``: the part of the open deals that had an expected date, an amount."""

    mondays: int
    missed_by_date: float | None
    missed: float | None
    leans_by_date: float | None
    leans: float | None
    held: int
    dated: float
    priced: float

    @property
    def better(self) -> Literal["history", "date", "unknown"]:
        """Which of both to go by; (a) unless (b) is truly closer."""
        if self.mondays < FEWEST or self.missed is None or self.missed_by_date is None:
            return "unknown"
        return "history" if self.missed < self.missed_by_date else "date"


def verdict(lines: "Sequence[Said]") -> Verdict:
    """The verdict on one horizon and measure."""
    over = [each for each in lines if each.happened is not None]
    truth = [each.happened or 0.0 for each in over]
    whole = sum(truth)
    deals = sum(each.deals for each in over)
    found: list[float | None] = [None] * 4
    if whole > 0:
        pairs = [
            (each.by_date - fact, each.expected - fact)
            for each, fact in zip(over, truth, strict=True)
        ]
        for at in (0, 1):
            found[at] = sum(abs(pair[at]) for pair in pairs) / whole
            found[at + 2] = sum(pair[at] for pair in pairs) / whole
    return Verdict(
        len(over), found[0], found[1], found[2], found[3], sum(each.held for each in over),
        sum(each.dated for each in over) / deals if deals else 0.0,
        sum(each.priced for each in over) / deals if deals else 0.0,
    )  # fmt: skip


def sentence(found: Verdict) -> str:
    """Which of both is closer here, and by how much."""
    if found.mondays == 0:
        return tr("There is no past Monday to try it on yet.")
    if found.mondays < FEWEST:
        return ntr(
            "Only {n} Monday can be judged: too few to say which forecast is closer.",
            "Only {n} Mondays can be judged: too few to say which forecast is closer.",
            found.mondays,
        )
    if found.missed is None or found.missed_by_date is None:
        return tr("Nothing was won in these times: there is nothing to measure by.")
    by_history, by_date = percent(found.missed), percent(found.missed_by_date)
    if not found.dated:
        return tr(
            "No open deal had an expected close date, so probability says nothing about when. "
            "History missed by {history} on average.",
            history=by_history,
        )
    if found.better == "history":
        return tr(
            "History is closer here: it missed by {history} on average, probability by {date}. "
            "That is {share} less.",
            history=by_history, date=by_date,
            share=percent(1 - found.missed / found.missed_by_date),
        )  # fmt: skip
    return tr(
        "Probability is closer here: it missed by {date} on average, history by {history}. "
        "Go by probability first.",
        history=by_history, date=by_date,
    )  # fmt: skip


def calibration(found: Verdict) -> str:
    """How often the truth lay in the range, and how often it should."""
    if not found.mondays:
        return ""
    should = round(RANGE * found.mondays)
    said = ntr(
        "On {held} of {n} Monday what happened lay in the range; {should} would be right.",
        "On {held} of {n} Mondays what happened lay in the range; {should} would be right.",
        found.mondays, held=found.held, should=should,
    )  # fmt: skip
    if found.mondays >= FEWEST and found.held < round((RANGE - 0.15) * found.mondays):
        return said + " " + tr("Trust it less than it looks.")
    return said


def amounts(found: Verdict) -> str:
    """That money is no fair measure where many open deals have no amount; else nothing."""
    if not found.mondays or found.priced >= _PRICED:
        return ""
    return tr(
        "Only {share} of the open deals had an amount: won deals are the fairer measure.",
        share=percent(found.priced),
    )


def percent(share: float) -> str:
    """``18 %``."""
    return f"{round(share * 100)}\u00a0%"
