"""Settings and rates: typed, judged, one command, and what follows from them."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Store
from salesdesk.services import days_off, deals, history, settings, surroundings
from tests.latest import undo_last
from tests.services.configured import NOW, hire, stage, workspace


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path) as opened:
        yield opened


def change(store: Store, person: int | None = None, **values: object) -> int:
    return settings.change(store, values, person=person, now=NOW)


def test_a_new_workspace_has_every_setting_in_the_table(store: Store) -> None:
    with store.read() as r:
        found: dict[str, str] = dict(r.rows("SELECT name, value FROM setting"))
        assert set(found) >= set(settings.BY_NAME)
        assert json.loads(found["zone"]) == "Europe/Moscow"
        assert settings.get(r, settings.WORKING_HOURS) == (540, 1080)
        assert settings.get(r, settings.STUCK_WARN) == Decimal("0.5")
        assert settings.thresholds(r).half == Fraction(1, 2)


def test_a_change_is_one_command_and_holds(store: Store) -> None:
    change(store, working_hours=["10:00", "19:30"], level_full=120, stuck_warn_share="0.7")
    with store.read() as r:
        assert settings.get(r, settings.WORKING_HOURS) == (600, 1170)
        assert settings.thresholds(r).full == Fraction(6, 5)
        assert settings.get(r, settings.STUCK_WARN) == Decimal("0.7")
        assert r.value("SELECT count(*) FROM command WHERE kind = 'settings.change'") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "rubles"),
        ("country", "Russia"),
        ("working_hours", [1080, 540]),
        ("working_hours", "9-18"),
        ("working_hours", ["nine", "six"]),
        ("level_half", 0),
        ("level_half", 101),
        ("level_full", True),
        ("count_skipped_stages", "yes"),
        ("stuck_warn_share", 0.5),
        ("stuck_warn_share", "1.5"),
        ("stuck_warn_share", "many"),
    ],
)
def test_what_a_setting_cannot_take_changes_nothing(store: Store, name: str, value: object) -> None:
    with store.read() as r:
        before = settings.all_of(r)
    with pytest.raises(Invalid):
        settings.change(store, {"level_full": 90, name: value}, person=None, now=NOW)
    with store.read() as r:
        assert settings.all_of(r) == before


def test_an_unknown_setting_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="colour"):
        change(store, colour="red")


def test_the_zone_stays(store: Store) -> None:
    with pytest.raises(Refused):
        change(store, zone="Asia/Tokyo")
    change(store, zone="Europe/Moscow")


def test_only_an_administrator_changes_settings(store: Store) -> None:
    manager = hire(store, "Manager")
    change(store, manager, level_full=90)  # nobody is an administrator yet
    admin = hire(store, "Boss", "admin")
    with pytest.raises(Refused):
        change(store, manager, level_full=80)
    change(store, admin, level_full=80)


def test_counting_skipped_stages_counts_past_deals_anew(store: Store) -> None:
    owner = hire(store, "Seller")
    new = deals.NewDeal("Racks", stage(store, "New request"), owner_id=owner)
    [deal] = deals.create(store, new, person=owner, now=NOW).deal_ids
    deals.move(store, [deal], stage(store, "Meeting held"), person=owner, now=NOW + 1)
    skipped = "SELECT count(*) FROM reach WHERE stage_id = ?"
    with store.read() as r:
        assert r.value(skipped, (stage(store, "Meeting scheduled"),)) == 0
    change(store, count_skipped_stages=True)
    with store.read() as r:
        assert r.value(skipped, (stage(store, "Meeting scheduled"),)) == 1
    change(store, count_skipped_stages=False)
    with store.read() as r:
        assert r.value(skipped, (stage(store, "Meeting scheduled"),)) == 0


def test_another_country_changes_no_year_gone_by(store: Store) -> None:
    with store.read() as r:
        before = days_off.days_off(r, 739252, 739616)  # 2025
        assert days_off.known_years(r) == {2025: "RU", 2026: "RU", 2027: "RU"}
    change(store, country="DE")
    with store.read() as r:
        assert days_off.known_years(r) == {2025: "RU", 2026: "DE", 2027: "DE"}
        assert days_off.days_off(r, 739252, 739616) == before
        christmas = [off for off in days_off.days_off(r, 739975, 739975) if off.name]
        assert christmas


def test_a_country_without_a_calendar_is_refused(store: Store) -> None:
    with pytest.raises(Invalid):
        change(store, country="XX")


def test_rates_are_exact_and_replaced_by_day(store: Store) -> None:
    def rate(value: str, since: int | None = None) -> None:
        number = Decimal(value)
        settings.set_rate(store, "usd", number, valid_from=since, person=None, now=NOW)

    rate("92.5")
    rate("90.12345678", 739900)
    rate("91")
    with store.read() as r:
        found = [(rate.currency, rate.valid_from, rate.rate) for rate in settings.rates(r)]
    assert found == [("USD", None, Decimal(91)), ("USD", 739900, Decimal("90.12345678"))]
    for bad in ("0", "-1", "NaN"):
        with pytest.raises(Invalid):
            rate(bad)


def test_a_year_that_comes_near_brings_its_working_days_by_itself(store: Store) -> None:
    begun = store.last_txn()
    assert days_off.keep_up(store, now=NOW) is None  # 2026: the next year was copied at the start
    assert store.last_txn() == begun
    later = NOW + 366 * 86_400 * 1_000_000
    copied = days_off.keep_up(store, now=later)
    assert copied is not None
    new_year = date(2028, 1, 3).toordinal()  # a Monday
    with store.read() as r:
        assert days_off.known_years(r).keys() == {2025, 2026, 2027, 2028}
        assert [off.day for off in days_off.days_off(r, new_year, new_year)] == [new_year]
        assert not surroundings.load_calendar(r).is_working(new_year)
    assert days_off.keep_up(store, now=later) is None
    with pytest.raises(Refused):  # nobody chose it: undo passes it over
        undo_last(store, person=None, now=later)
    history.undo(store, copied, person=None, now=later)
    change(store, country="")
    assert days_off.keep_up(store, now=later) is None  # without a country nothing is copied
