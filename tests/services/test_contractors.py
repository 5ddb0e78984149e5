"""Contractors, their prices and ratings: verbs, and the laws that hold whatever was done."""

import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid, NotFound, Refused, SalesDeskError
from salesdesk.models.store import Store
from salesdesk.moments import amount_of
from salesdesk.services import (
    amounts,
    contractors,
    dealhistory,
    dealpast,
    deals,
    history,
    lists,
    payments,
    quotes,
    ratings,
)
from salesdesk.services.contractors import NewContact, NewContractor
from salesdesk.services.contractorview import quote_lines
from salesdesk.services.quotes import NewQuote
from tests.services.office import DAY, NOW, Office

TABLES = (
    "service", "contractor", "contractor_service", "contractor_contact", "contractor_quote",
    "contractor_rating", "payment", "deal",
)  # fmt: skip
BY: dict[str, Any] = {"person": None, "now": NOW}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office.made(tmp_path) as made:
        yield made


def value(store: Store, sql: str, *params: Any) -> Any:
    with store.read() as r:
        return r.value(sql, params)


def cost(office: Office, deal: str) -> Decimal | None:
    money = value(office.store, "SELECT cost FROM deal WHERE id = ?", office.deals[deal])
    return None if money is None else Decimal(money) / 10_000


def ask(
    office: Office, price: int, name: str = "Lift Ltd", service: str = "Crane", **more: Any
) -> int:
    new = NewQuote(Decimal(price), contractor=name, service=service,
                   deal_id=office.deals["Mary"], **more)  # fmt: skip
    return quotes.add(office.store, new, **BY).id


def today(office: Office) -> int:
    return int(office.store.zone.day_of(NOW))


# -- verbs ----------------------------------------------------------------------------------------


def test_a_contractor_comes_with_services_and_contacts(office: Office) -> None:
    new = NewContractor("  Lift  Ltd ", ("Crane", "Rigging", "crane"), "8 912 555-01-42",
                        contacts=(NewContact("Ann", "dispatcher"),))  # fmt: skip
    made = contractors.add(office.store, new, **BY)
    assert value(office.store, "SELECT name FROM contractor") == "Lift Ltd"
    assert value(office.store, "SELECT count(*) FROM contractor_service") == 2
    with pytest.raises(Invalid, match="already"):
        contractors.add(office.store, NewContractor("LIFT LTD"), **BY)
    with pytest.raises(Invalid):
        contractors.add(office.store, NewContractor(" "), **BY)
    contractors.set_services(office.store, made.id, ["rigging", "Storage"], **BY)
    with office.store.read() as r:
        names = [row[0] for row in r.rows(
            "SELECT s.name FROM contractor_service x JOIN service s ON s.id = x.service_id "
            "WHERE x.deleted_at IS NULL ORDER BY s.name")]  # fmt: skip
    assert names == ["Rigging", "Storage"]
    contractors.change(office.store, made.id, {"notes": " call first ", "phone": None}, **BY)
    assert value(office.store, "SELECT notes FROM contractor") == "call first"
    with pytest.raises(Invalid):
        contractors.change(office.store, made.id, {"rating": 5}, **BY)
    contractors.delete(office.store, made.id, **BY)
    with pytest.raises(NotFound):
        contractors.change(office.store, made.id, {"phone": "1"}, **BY)


def test_a_price_lands_in_the_directory_by_itself(office: Office) -> None:
    ask(office, 90_000)
    assert value(office.store, "SELECT name FROM contractor") == "Lift Ltd"
    assert value(office.store, "SELECT count(*) FROM contractor_service") == 1
    ask(office, 85_000, "LIFT ltd", "crane")
    assert value(office.store, "SELECT count(*) FROM contractor_service") == 1
    assert value(office.store, "SELECT count(*) FROM contractor") == 1
    for price in (0, -1):
        with pytest.raises(Invalid):
            ask(office, price)
    with pytest.raises(Invalid, match="not come"):
        ask(office, 1, day=today(office) + 1)
    with pytest.raises(Invalid, match="which contractor"):
        ask(office, 1, " ")
    assert value(office.store, "SELECT count(*) FROM contractor_quote") == 2


def test_accepting_fills_the_cost_and_undo_empties_it(office: Office) -> None:
    first, second = ask(office, 90_000), ask(office, 85_000, "Other Co")
    third = ask(office, 20_000, "Store Co", "Storage")
    done = quotes.accept(office.store, first, planned_day=today(office) + 5, **BY)
    assert (done.cost, done.cost_before) == (cost(office, "Mary"), None)
    assert done.cost == 90_000
    quotes.accept(office.store, third, **BY)
    assert cost(office, "Mary") == 110_000
    swapped = quotes.accept(office.store, second, **BY)
    assert swapped.replaced == (first,)
    assert (swapped.cost, swapped.cost_before) == (Decimal(105_000), Decimal(110_000))
    with pytest.raises(Refused):
        quotes.accept(office.store, second, **BY)
    history.undo(office.store, swapped.command_id, **BY)
    assert cost(office, "Mary") == 110_000
    assert value(office.store, "SELECT accepted FROM contractor_quote WHERE id = ?", first) == 1
    history.undo(office.store, done.command_id, **BY)
    assert cost(office, "Mary") == 110_000  # what a later command wrote stays


def test_a_cost_typed_by_hand_stays(office: Office) -> None:
    quote = ask(office, 90_000)
    quotes.accept(office.store, quote, **BY)
    quotes.change(office.store, quote, {"price": Decimal(95_000)}, **BY)
    assert cost(office, "Mary") == 95_000
    deals.change(office.store, office.deals["Mary"], {"cost": Decimal(1)}, **BY)
    quotes.change(office.store, quote, {"price": Decimal(80_000)}, **BY)
    quotes.decline(office.store, quote, **BY)
    assert cost(office, "Mary") == 1
    quotes.accept(office.store, quote, **BY)
    assert cost(office, "Mary") == 80_000
    quotes.decline(office.store, quote, **BY)
    assert cost(office, "Mary") is None


def test_another_currency_is_converted_or_refused(office: Office) -> None:
    quote = ask(office, 100, currency="usd")
    with pytest.raises(Refused, match="USD to RUB"):
        quotes.accept(office.store, quote, **BY)
    assert value(office.store, "SELECT accepted FROM contractor_quote") == 0
    with office.store.command("rate.set", now=NOW) as tx:
        tx.insert("rate", [{"currency": "USD", "rate": 90 * 100_000_000}])
    quotes.accept(office.store, quote, **BY)
    assert cost(office, "Mary") == 9_000


def test_a_cost_that_would_be_too_large_is_refused(office: Office) -> None:
    with office.store.command("rate.set", now=NOW) as tx:
        tx.insert("rate", [{"currency": "USD", "rate": 90 * 100_000_000}])
    quote = ask(office, 100, currency="usd")
    quotes.accept(office.store, quote, **BY)
    with pytest.raises(Invalid, match="1,000,000,000,000"):
        quotes.change(office.store, quote, {"price": amounts.LIMIT - 1}, **BY)
    assert cost(office, "Mary") == 9_000
    large = ask(office, int(amounts.LIMIT) - 1, currency="usd", service="Road")
    with pytest.raises(Invalid, match="1,000,000,000,000"):
        quotes.accept(office.store, large, **BY)
    assert cost(office, "Mary") == 9_000


def test_the_history_of_the_deal_tells_prices_of_their_time(office: Office) -> None:
    quote, other = ask(office, 120), ask(office, 90, "Other Ltd", "Road")
    day = today(office)
    quotes.accept(office.store, quote, planned_day=day, **BY)
    quotes.change(office.store, quote, {"price": Decimal(150)}, **BY)
    quotes.change(office.store, quote, {"planned_day": day + 3}, **BY)
    done = quotes.finish(office.store, quote, day, **BY)
    history.undo(office.store, done, **BY)
    quotes.decline(office.store, quote, **BY)
    quotes.remove(office.store, [quote, other], **BY)
    with office.store.read() as r:
        lines = dealhistory.history(r, office.deals["Mary"]).lines
    prices = [line for line in reversed(lines) if line.kind.startswith("quote")]
    assert [(one.kind[6:], one.subject, one.old, one.new) for one in prices] == [
        ("", "Lift Ltd", None, 120),
        ("", "Other Ltd", None, 90),
        ("accepted", "Lift Ltd", None, 120),
        ("changed", "Lift Ltd", 120, 150),
        ("due", "Lift Ltd", day, day + 3),
        ("done", "Lift Ltd", None, day),
        ("declined", "Lift Ltd", None, 150),
        ("removed", "Lift Ltd", 150, None),
        ("removed", "Other Ltd", 90, None),
    ]
    assert [one.reason for one in prices[:2]] == ["Crane", "Road"]
    assert [one.undone for one in prices].count(True) == 1
    [undo] = [line for line in lines if line.kind == "undo"]
    assert (undo.about, undo.subject) == ("quote_done", "Lift Ltd")
    costs = [line for line in lines if line.kind == "field" and line.subject == "cost"]
    assert costs
    assert all(line.automatic for line in costs)


def test_a_past_moment_shows_the_prices_that_stood_then(office: Office) -> None:
    store, deal = office.store, office.deals["Mary"]
    first, second = ask(office, 120), ask(office, 90, "Other Ltd", "Road")
    day = today(office)
    steps: list[Callable[[dict[str, Any]], Any]] = [
        lambda by: quotes.accept(store, first, planned_day=day - 3, **by),
        lambda by: quotes.change(store, first, {"price": Decimal(150)}, **by),
        lambda by: quotes.change(store, second, {"service": "Crane", "note": "By train"}, **by),
        lambda by: quotes.accept(store, second, **by),
        lambda by: quotes.finish(store, second, day, **by),
        lambda by: quotes.remove(store, [first], **by),
    ]
    shown = {}
    for place, step in enumerate(steps, 1):
        now = NOW + place * 1_000_000
        step({"person": None, "now": now})
        with store.read() as r:
            shown[now] = quote_lines(r, "q.deal_id = ?", deal, today=r.zone.day_of(now))
    with store.read() as r:
        for now, lines in shown.items():
            assert dealpast.quotes_at(r, deal, now).quotes == lines
        assert dealpast.quotes_at(r, deal, NOW - 1).quotes == ()
        assert not dealpast.quotes_at(r, deal, NOW - 1).wanted


def test_work_is_done_then_rated(office: Office) -> None:
    quote = ask(office, 90_000, planned_day=today(office) - 3)
    with pytest.raises(Refused):
        quotes.finish(office.store, quote, today(office), **BY)
    quotes.accept(office.store, quote, **BY)
    with pytest.raises(Refused, match="done"):
        ratings.rate(office.store, quote, {"quality": 5}, **BY)
    with pytest.raises(Invalid, match="not come"):
        quotes.finish(office.store, quote, today(office) + 1, **BY)
    quotes.finish(office.store, quote, today(office), **BY)
    with pytest.raises(Refused):
        quotes.decline(office.store, quote, **BY)
    ratings.rate(office.store, quote, {"quality": 5, "price": 4}, "Neat", **BY)
    ratings.rate(office.store, quote, {"price": 2}, "Dear", **BY)
    ratings.rate(office.store, quote, {"price": 5}, person=office.ids["Mary"], now=NOW)
    with office.store.read() as r:
        [found] = ratings.averages(r).values()
    assert found.by["price"] == ratings.Average(Decimal("3.50"), 2)
    assert (found.overall, found.count) == (Decimal("4.25"), 3)
    for bad in ({"speed": 3}, {"price": 6}, {"price": 0}, {}):
        with pytest.raises(Invalid):
            ratings.rate(office.store, quote, bad, **BY)
    with pytest.raises(Refused, match="rated"):
        quotes.remove(office.store, [quote], **BY)


@pytest.mark.parametrize(
    ("late", "score"), [(-9, 5), (0, 5), (1, 4), (2, 4), (3, 3), (5, 3), (6, 2), (10, 2), (11, 1)]
)
def test_deadlines_propose_a_score(late: int, score: int) -> None:
    assert ratings.proposed(100, 100 + late) == score
    assert ratings.proposed(None, 100) is ratings.proposed(100, None) is None


def test_a_payment_is_planned_for_what_is_left(office: Office) -> None:
    quote = ask(office, 90_000, planned_day=today(office) + 9)
    with pytest.raises(Refused):
        quotes.plan_payment(office.store, quote, **BY)
    quotes.accept(office.store, quote, **BY)
    quotes.plan_payment(office.store, quote, amount=Decimal(30_000), **BY)
    quotes.plan_payment(office.store, quote, **BY)
    with office.store.read() as r:
        lines = payments.of_deal(r, office.deals["Mary"], today=today(office))
    assert [(one.amount, one.contractor, one.direction) for one in lines] == [
        (Decimal(30_000), "Lift Ltd", "out"), (Decimal(60_000), "Lift Ltd", "out"),
    ]  # fmt: skip
    assert {one.planned_day for one in lines} == {today(office) + 9}
    with pytest.raises(Refused, match="All of this"):
        quotes.plan_payment(office.store, quote, **BY)
    with pytest.raises(Refused, match="prices or payments"):
        contractors.delete(office.store, lines[0].contractor_id or 0, **BY)


def test_what_another_child_pays_is_planned_already(office: Office) -> None:
    store, deal = office.store, office.deals["Mary"]
    quote = ask(office, 90_000)
    quotes.accept(store, quote, **BY)
    start = office.stages[0]
    sale = deals.create(store, deals.NewDeal("Sale", start), **BY).deal_ids[0]
    new = deals.NewDeal("Paying", start, parent_id=sale)
    [paying] = deals.create(store, new, **BY).deal_ids
    deals.change(store, deal, {"parent_id": sale}, **BY)
    with store.read() as r:
        whom = r.value("SELECT contractor_id FROM contractor_quote WHERE id = ?", (quote,))
        assert amount_of(quotes.unplanned(r, quote)) == 90_000
    payments.add(
        store, paying, payments.NewPayment(Decimal(70_000), "out", "RUB", contractor="Lift Ltd"),
        **BY,
    )  # fmt: skip
    with store.read() as r:
        assert r.value("SELECT contractor_id FROM payment WHERE deal_id = ?", (paying,)) == whom
        assert amount_of(quotes.unplanned(r, quote)) == 20_000


def test_who_may(office: Office) -> None:
    store, mary, max_, lena = office.store, *(office.ids[n] for n in ("Mary", "Max", "Lena"))
    quote = ask(office, 90_000)
    as_max: dict[str, Any]
    as_mary: dict[str, Any]
    as_max, as_mary = {"person": max_, "now": NOW}, {"person": mary, "now": NOW}
    with pytest.raises(Refused):
        quotes.accept(store, quote, **as_max)
    quotes.accept(store, quote, **as_mary)
    quotes.finish(store, quote, today(office), **as_mary)
    with pytest.raises(Refused):
        ratings.rate(store, quote, {"price": 1}, **as_max)
    ratings.rate(store, quote, {"price": 5}, **as_mary)
    rating = value(store, "SELECT id FROM contractor_rating")
    with pytest.raises(Refused):
        ratings.remove(store, [rating], **as_max)
    ratings.remove(store, [rating], person=lena, now=NOW)
    contractor = contractors.add(store, NewContractor("Move Co", ("Crane",)), **as_max).id
    contractors.change(store, contractor, {"phone": "1"}, **as_mary)
    contractors.add(store, NewContractor("Paint Co", ("Painting",)), **as_max)
    painting = value(store, "SELECT id FROM service WHERE name = 'Painting'")
    with pytest.raises(Refused):
        lists.change(store, "services", painting, {"name": "Paint"}, **as_max)
    with pytest.raises(Refused):
        contractors.delete(store, contractor, **as_max)
    contractors.delete(store, contractor, person=lena, now=NOW)


# -- laws -----------------------------------------------------------------------------------------


class Player:
    """Plays random verbs; ``done`` are the commands that stood, ``states`` those before each."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.store = office.store
        self.rng = random.Random(seed)
        self.now = NOW
        self.done: list[int] = []
        self.states: list[dict[str, list[Any]]] = []

    def play(self) -> None:
        """One verb; what is refused changes nothing."""
        self.now += DAY
        before = self.state()
        verb = self.rng.choice(
            (self._add, self._ask, self._ask, self._ask, self._accept, self._accept, self._done,
             self._rate, self._rate, self._decline, self._change, self._remove, self._pay,
             self._services)
        )  # fmt: skip
        try:
            result = verb({"person": None, "now": self.now})
        except SalesDeskError:
            assert self.state() == before
            return
        self.done.append(result if isinstance(result, int) else result.command_id)
        self.states.append(before)

    def state(self) -> dict[str, list[Any]]:
        with self.store.read() as r:
            return {
                table: r.rows(f"SELECT * FROM {table} WHERE deleted_at IS NULL ORDER BY id")
                for table in TABLES
            }

    def _any(self, table: str) -> int:
        with self.store.read() as r:
            rows = r.rows(f"SELECT id FROM {table} WHERE deleted_at IS NULL")
        return int(self.rng.choice(rows)[0]) if rows else 1

    def _add(self, by: dict[str, Any]) -> Any:
        names = tuple(self.rng.sample(("Crane", "Rigging", "Storage"), 2))
        return contractors.add(self.store, NewContractor(f"C{self.rng.randint(1, 9)}", names), **by)

    def _ask(self, by: dict[str, Any]) -> Any:
        new = NewQuote(
            Decimal(self.rng.randint(1, 99)), contractor=f"C{self.rng.randint(1, 4)}",
            service=self.rng.choice(("Crane", "Rigging", "")),
            deal_id=self.office.deals[self.rng.choice(("Mary", "Max"))],
            planned_day=self.store.zone.day_of(self.now) + self.rng.randint(-5, 5),
        )  # fmt: skip
        return quotes.add(self.store, new, **by)

    def _accept(self, by: dict[str, Any]) -> Any:
        return quotes.accept(self.store, self._any("contractor_quote"), **by)

    def _decline(self, by: dict[str, Any]) -> Any:
        return quotes.decline(self.store, self._any("contractor_quote"), **by)

    def _done(self, by: dict[str, Any]) -> Any:
        day = self.rng.choice((None, self.store.zone.day_of(self.now)))
        return quotes.finish(self.store, self._any("contractor_quote"), day, **by)

    def _rate(self, by: dict[str, Any]) -> Any:
        scores = {name: self.rng.randint(1, 5) for name in self.rng.sample(ratings.CRITERIA, 2)}
        person = self.rng.choice((None, self.office.ids["Ada"]))
        by = {**by, "person": person}
        return ratings.rate(self.store, self._any("contractor_quote"), scores, "so", **by)

    def _change(self, by: dict[str, Any]) -> Any:
        values = {"price": Decimal(self.rng.randint(1, 99)), "service": "Storage"}
        return quotes.change(self.store, self._any("contractor_quote"), values, **by)

    def _remove(self, by: dict[str, Any]) -> Any:
        verb: Callable[..., int] = self.rng.choice((quotes.remove, ratings.remove))
        table = "contractor_quote" if verb is quotes.remove else "contractor_rating"
        return verb(self.store, [self._any(table)], **by)

    def _pay(self, by: dict[str, Any]) -> Any:
        return quotes.plan_payment(self.store, self._any("contractor_quote"), **by)

    def _services(self, by: dict[str, Any]) -> Any:
        names = self.rng.sample(("Crane", "Rigging", "Storage", "Paint"), 2)
        return contractors.set_services(self.store, self._any("contractor"), names, **by)


@given(st.integers(0, 10**9))
def test_whatever_was_done_undone_it_is_as_before(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Office.made(Path(folder)) as office:
        player = Player(office, seed)
        for _ in range(14):
            player.play()
        after = player.state()
        for command, state in zip(reversed(player.done), reversed(player.states), strict=True):
            history.undo(player.store, command, person=None, now=player.now)
            assert player.state() == state
        for command in player.done:
            history.redo(player.store, command, person=None, now=player.now)
        assert player.state() == after


@given(st.integers(0, 10**9))
def test_averages_are_a_recount(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Office.made(Path(folder)) as office:
        player = Player(office, seed)
        for _ in range(25):
            player.play()
        scores: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        with player.store.read() as r:
            for key, name, score in r.rows(
                "SELECT contractor_id, criterion, score FROM contractor_rating "
                "WHERE deleted_at IS NULL"
            ):
                scores[key][name].append(score)
            found = ratings.averages(r)
        assert found.keys() == scores.keys()
        for key, by in scores.items():
            means = {name: Decimal(sum(all_)) / len(all_) for name, all_ in by.items()}
            assert {name: one.count for name, one in found[key].by.items()} == {
                name: len(all_) for name, all_ in by.items()
            }
            mean = sum(means.values(), Decimal(0)) / len(means)
            assert found[key].overall == mean.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_an_accepted_price_in_a_currency_without_a_rate_empties_no_cost(office: Office) -> None:
    quote = ask(office, 700)
    quotes.accept(office.store, quote, **BY)
    with pytest.raises(Refused, match="no rate from XAU to RUB"):
        quotes.change(office.store, quote, {"currency": "XAU"}, **BY)
    assert cost(office, "Mary") == 700
    assert value(office.store, "SELECT currency FROM contractor_quote") == "RUB"


def test_the_mean_score_of_work_is_rounded_half_up(office: Office) -> None:
    quote = ask(office, 700)
    quotes.accept(office.store, quote, **BY)
    quotes.finish(office.store, quote, today(office), **BY)
    raters = [None, *(office.ids[name] for name in ("Mary", "Lena", "Ada"))]
    for person, score in zip(raters, (4, 4, 4, 5), strict=True):
        ratings.rate(office.store, quote, {"quality": score}, person=person, now=NOW)
    with office.store.read() as r:
        [line] = quote_lines(r, "q.id = ?", quote, today=today(office))
    assert line.score == Decimal("4.3")


def test_an_accepted_price_does_not_become_the_second_of_its_service(office: Office) -> None:
    crane, truck = ask(office, 100), ask(office, 50, "Move Ltd", "Truck")
    for quote in (crane, truck):
        quotes.accept(office.store, quote, **BY)
    with pytest.raises(Refused, match="Another price for this service"):
        quotes.change(office.store, truck, {"service": "Crane"}, **BY)
    quotes.change(office.store, truck, {"service": "Lorry", "price": Decimal(60)}, **BY)
    assert cost(office, "Mary") == 160
    quotes.finish(office.store, crane, today(office), **BY)  # the work that is done may be repeated
    quotes.change(office.store, truck, {"service": "Crane"}, **BY)
