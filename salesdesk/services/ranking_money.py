"""Revenue and gross profit of the deals that a person won in a period.

Sums by day answer for deals in the workspace's currency that were won once. The others are taken
one by one: each is converted and rounded by itself, at the rate of the day on which it was won.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from salesdesk.models import derive
from salesdesk.models.derived_sums import CURRENCIES, currency_code
from salesdesk.models.parts import PART
from salesdesk.models.store import Reader
from salesdesk.services.ranking_setup import Scope
from salesdesk.services.ranking_tally import Prefix, Tallies
from salesdesk.services.rates import Rates

if TYPE_CHECKING:
    from salesdesk.services.ranking_numbers import Kept, People, Span

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Won:
    """A deal that a person won in a period, at its first winning there; money in the workspace's
    currency. ``revenue`` is None when the deal's currency has no rate."""

    deal_id: int
    person_id: int
    at: int
    day: int
    revenue: int | None
    gross_profit: int | None
    unrated: frozenset[str]


def _nothing() -> list[int]:
    return [0, 0]


@dataclass(slots=True)
class Sums:
    """What the tallies say: amount and cost by person in the workspace's currency, and whether
    there were winnings in others."""

    money: dict[int, list[int]] = field(default_factory=lambda: defaultdict(_nothing))
    foreign: bool = False

    def copy(self) -> "Sums":
        """A copy to add to."""
        found = Sums(foreign=self.foreign)
        found.money.update({person: total[:] for person, total in self.money.items()})
        return found

    def take(self, kind: int, person: int, packed: int, n: Pair, scope: Scope, own: int) -> None:
        """Add a tally of winnings; ``own`` is the code of the workspace's currency."""
        pipeline, code = divmod(packed, CURRENCIES)
        if pipeline not in scope.pipelines:
            return
        if kind == derive.WINS:
            self.foreign = self.foreign or (code != own and n[0] != 0)
        elif code == own and n != (0, 0):
            unit = PART if kind == derive.WORTH_HIGH else 1
            total = self.money[person]
            total[0] += n[0] * unit
            total[1] += n[1] * unit


def sums_of(tallies: Tallies, before: Prefix, until: Prefix, scope: Scope, home: str) -> Sums:
    """The sums between two days; asked under the lock of the tallies."""
    found = Sums()
    own = currency_code(home)
    for kind in (derive.WORTH, derive.WORTH_HIGH, derive.WINS):
        for number, person, packed in tallies.by_kind[kind]:
            n = (
                until.plus[number] - before.plus[number],
                until.minus[number] - before.minus[number],
            )
            found.take(kind, person, packed, n, scope, own)
    return found


def add(
    r: Reader,
    span: "Span",
    scope: Scope,
    rates: Rates,
    sums: Sums,
    special: set[Pair],
    people: "People",
    kept: "Kept | None" = None,
) -> None:
    """Add revenue and gross profit to everybody's numbers.

    ``special`` are the (deal, person) that won more than once in the span, or later than now;
    ``kept`` is what it came to the last time.
    """
    kept = {} if kept is None else kept
    money: dict[int, list[int]] = sums.money
    if sums.foreign:
        special = special | _foreign(r, span, scope.with_milestone("won"), rates.home)
    if special:
        for person, (amount, cost) in _home_lines(r, span, scope, rates.home, special).items():
            money[person][0] -= amount
            money[person][1] -= cost
        for won in winnings(r, span, scope, rates, special):
            if won.unrated:
                people.mine(won.person_id).unrated |= won.unrated
            if won.revenue is not None and won.gross_profit is not None:
                money[won.person_id][0] += won.revenue
                money[won.person_id][1] += won.revenue - won.gross_profit
    people.shift(
        {person: (amount, cost) for person, (amount, cost) in money.items() if amount or cost},
        lambda paid: (("revenue", paid[0]), ("gross_profit", paid[0] - paid[1])),
        kept,
    )


def _foreign(r: Reader, span: "Span", stages: list[int], home: str) -> set[Pair]:
    """(deal, person) of winnings with money in another currency."""
    return {
        (row[0], row[1])
        for row in r.rows_of(
            "SELECT r.deal_id, r.person_id FROM reach r CROSS JOIN won_line w "
            "ON w.deal_id = r.deal_id AND w.day = r.day AND w.person_id = r.person_id "
            "WHERE r.at >= ? AND r.at < ? AND w.currency <> ? AND r.person_id <> 0 "
            "AND r.stage_id IN ({ids})",
            stages,
            (span.start, span.stop, home),
        )
    }


def _home_lines(
    r: Reader, span: "Span", scope: Scope, home: str, special: set[Pair]
) -> dict[int, Pair]:
    """What these winnings add to the sums by day."""
    total: dict[int, Pair] = defaultdict(lambda: (0, 0))
    for deal, person, pipeline, amount, cost in r.rows_of(
        "SELECT deal_id, person_id, scope_id, amount, cost FROM won_line "
        "WHERE day >= ? AND day < ? AND currency = ? AND deal_id IN ({ids})",
        {deal for deal, _ in special},
        (span.first, span.after, home),
    ):
        if (deal, person) in special and pipeline in scope.pipelines:
            total[person] = (total[person][0] + amount, total[person][1] + cost)
    return total


def winnings(
    r: Reader, span: "Span", scope: Scope, rates: Rates, pairs: Iterable[Pair]
) -> list[Won]:
    """What each (deal, person) earned at its first winning in the span; none without one there."""
    wanted = set(pairs)
    deals = {deal for deal, _ in wanted}
    won = set(scope.with_milestone("won"))
    first: dict[Pair, tuple[int, int]] = {}
    for deal, person, stage, at, day in r.rows_of(
        "SELECT deal_id, person_id, stage_id, at, day FROM reach WHERE at >= ? AND at < ? "
        "AND deal_id IN ({ids})",
        deals,
        (span.start, span.stop),
    ):
        if (deal, person) in wanted and stage in won:
            first[deal, person] = min(first.get((deal, person), (at, day)), (at, day))
    return converted(r, first, rates)


def converted(r: Reader, first: Mapping[Pair, tuple[int, int]], rates: Rates) -> list[Won]:
    """The same from the moment and the day of each (deal, person)'s first winning."""
    return Worth(r, {deal for deal, _ in first}, rates).of(first)


class Worth:
    """Present amounts and costs of some deals and of their children, read once."""

    def __init__(self, r: Reader, deals: Iterable[int], rates: Rates) -> None:
        ids = sorted(deals)  # as they lie in the file
        self._rates = rates
        self._money = {
            row[0]: row[1:]
            for row in r.rows_of(
                "SELECT id, amount, cost, currency FROM deal WHERE id IN ({ids})", ids
            )
        }
        self._children: dict[int, list[Any]] = defaultdict(list)
        for parent, cost, currency in r.rows_of(
            "SELECT parent_id, cost, currency FROM deal WHERE parent_id IN ({ids}) "
            "AND deleted_at IS NULL AND cost IS NOT NULL",
            ids,
        ):
            self._children[parent].append((cost, currency))

    def of(self, first: Mapping[Pair, tuple[int, int]]) -> list[Won]:
        """What these deals earned, from the moment and the day of each (deal, person)'s first
        winning."""
        return [
            _converted(deal, person, when, self._money[deal], self._children.get(deal, ()),
                       self._rates)
            for (deal, person), when in sorted(first.items())
        ]  # fmt: skip


def _converted(
    deal: int, person: int, when: Pair, own: Any, children: Sequence[Any], rates: Rates
) -> Won:
    at, day = when
    amount, cost, currency = own
    revenue = rates.convert(amount or 0, currency, day)
    if revenue is None:
        return Won(deal, person, at, day, None, None, frozenset({currency}))
    profit, unrated = revenue, set()
    for one, code in [(cost or 0, currency), *children]:
        converted = rates.convert(one, code, day)
        if converted is None:
            unrated.add(code)
        else:
            profit -= converted
    return Won(deal, person, at, day, revenue, profit, frozenset(unrated))
