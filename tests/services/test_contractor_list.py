"""The directory of contractors, the view of one, and what is offered to a deal."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from salesdesk.services import (
    contractor_offers,
    contractorlist,
    contractors,
    contractorview,
    quotes,
    ratings,
)
from salesdesk.services.contractorlist import ContractorFilter
from salesdesk.services.contractors import NewContact, NewContractor
from salesdesk.services.quotes import NewQuote
from tests.services.office import NOW, Office

BY: dict[str, Any] = {"person": None, "now": NOW}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office.made(tmp_path_factory.mktemp("contractors")) as made:
        _tell(made)
        yield made


def _tell(office: Office) -> None:
    """Lift is best and dear, Move is cheap and late, Store is new; Odd was brought by a file."""
    store, day = office.store, office.store.zone.day_of(NOW)
    for new in (
        NewContractor("Lift Ltd", ("Crane",), "8 912 555-01-42"),
        NewContractor("Move Co", ("Crane", "Transport"),
                      contacts=(NewContact("Семён", phone="+7 343 222 33 44"),)),
        NewContractor("Ёлка Store", ("Storage",), notes="Warm rooms"),
    ):  # fmt: skip
        contractors.add(store, new, **BY)
    with store.command("import", now=NOW) as tx:
        tx.insert("contractor", [{"name": "Odd", "name_key": "odd", "rating": 2}])
    deal = office.deals["Mary"]
    for name, price, asked, planned, done in (
        ("Lift Ltd", 80_000, 40, -30, -30),
        ("Lift Ltd", 95_000, 5, None, None),
        ("Move Co", 60_000, 38, -20, -16),
        ("Move Co", 55_000, 10, -2, None),
    ):
        until = None if planned is None else day + planned
        asks = NewQuote(Decimal(price), contractor=name, service="Crane", deal_id=deal,
                        day=day - asked, planned_day=until)  # fmt: skip
        quote = quotes.add(store, asks, **BY).id
        if planned is not None:
            quotes.accept(store, quote, **BY)
        if done is not None:
            quotes.finish(store, quote, day + done, **BY)
            best = name == "Lift Ltd"
            scores = {"quality": 5 if best else 4, "deadlines": 5 if best else 3}
            ratings.rate(store, quote, scores, "Seen it", **BY)
            quotes.plan_payment(store, quote, planned_day=day - 1, **BY)


def names(office: Office, **given: Any) -> list[str]:
    with office.store.read() as r:
        keys = contractorlist.ids(r, ContractorFilter(**given))
        rows = contractorlist.rows(r, list(keys), today=office.store.zone.day_of(NOW))
    return [rows[key].name for key in keys]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lift", ["Lift Ltd"]), ("елка", ["Ёлка Store"]), ("сем", ["Move Co"]),
        ("5550142", ["Lift Ltd"]), ("+7 912 555", ["Lift Ltd"]), ("8 (343) 222", ["Move Co"]),
        ("warm", ["Ёлка Store"]), ("transp", ["Move Co"]), ("zzz", []),
        ("o", ["Odd", "Lift Ltd", "Move Co", "Ёлка Store"]),
    ],
)  # fmt: skip
def test_found_by_folded_texts_and_any_digits(office: Office, typed: str, found: list[str]) -> None:
    if typed == "o":
        assert set(names(office, text=typed)) >= {"Odd", "Move Co"}
        assert names(office, text=typed)[0] == "Odd"  # those that begin so come first
    else:
        assert names(office, text=typed) == found


def test_filters_and_orders(office: Office) -> None:
    with office.store.read() as r:
        by = {one.name: one.id for one in contractorlist.services(r)}
    assert names(office, service=by["Crane"]) == ["Lift Ltd", "Move Co"]
    assert names(office, service=0) == ["Odd"]
    assert names(office, least=4) == ["Lift Ltd"]
    assert names(office, sort="rating") == ["Lift Ltd", "Move Co", "Odd", "Ёлка Store"]
    assert names(office, sort="recent")[:2] == ["Lift Ltd", "Move Co"]
    assert names(office, service=by["Crane"], sort="price") == ["Move Co", "Lift Ltd"]


def test_a_line_tells_the_last_price_and_what_was_late(office: Office) -> None:
    with office.store.read() as r:
        keys = contractorlist.ids(r, ContractorFilter())
        rows = contractorlist.rows(r, list(keys), today=office.store.zone.day_of(NOW))
    lift, move, odd, _store = (rows[key] for key in keys)
    assert (lift.price, lift.quotes, lift.works, lift.late) == (Decimal(95_000), 2, 1, 0)
    assert (move.price, move.works, move.late) == (Decimal(55_000), 2, 2)
    assert (lift.rating, lift.rated, odd.rating, odd.rated) == (Decimal(5), 2, Decimal(2), 0)
    assert lift.phone == "+7 912 555-01-42"


def test_the_view_of_one(office: Office) -> None:
    with office.store.read() as r:
        key = r.value("SELECT id FROM contractor WHERE name = 'Move Co'")
        view = contractorview.opened(r, key, now=NOW)
    assert view.services == ("Crane", "Transport")
    assert [one.name for one in view.contacts] == ["Семён"]
    assert [(one.price, one.late_days) for one in view.quotes] == [
        (Decimal(55_000), 2), (Decimal(60_000), 4),
    ]  # fmt: skip
    [history] = view.prices
    assert [point.price for point in history.points] == [Decimal(60_000), Decimal(55_000)]
    assert view.deadlines.share == 0
    assert (view.deadlines.mean_late, view.deadlines.overdue) == (Decimal(4), 1)
    assert (view.sums.planned, view.sums.late) == (Decimal(60_000), Decimal(60_000))
    assert view.payments[0].deal == "Deal Mary"
    assert view.averages.overall == Decimal("3.50")
    assert {one.why for one in view.ratings} == {"Seen it"}


def test_a_deal_is_offered_the_best_rated_first(office: Office) -> None:
    deal = office.deals["Mary"]
    with office.store.read() as r:
        shown = contractor_offers.of_deal(r, deal, now=NOW)
        offered = contractor_offers.proposals(r, deal, shown.service_id)
        other = contractor_offers.of_deal(r, office.deals["Max"], now=NOW)
        nothing = contractor_offers.proposals(r, office.deals["Max"], None)
    assert shown.wanted
    assert not other.wanted  # a sales deal that never asked
    assert other.service_id == shown.service_id  # what its pipeline asked for last
    assert [(one.name, one.price, one.asked) for one in offered] == [
        ("Lift Ltd", Decimal(95_000), True), ("Move Co", Decimal(55_000), True),
    ]  # fmt: skip
    assert len(nothing) == 4
    # Lift's price is planned; of Move's two prices one payment is planned.
    assert sorted(shown.unplanned.values()) == [Decimal(0), Decimal(55_000), Decimal(55_000)]
