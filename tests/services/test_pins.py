"""PINs: slow to try, the own one only, removed by an administrator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from salesdesk.errors import Invalid, Refused
from salesdesk.services import history, pins
from tests.services.office import NOW, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office.made(tmp_path) as made:
        yield made


def right(office: Office, name: str, pin: str) -> bool:
    with office.store.read() as r:
        return pins.is_right(r, office.ids[name], pin)


def test_only_a_hash_is_kept_and_only_the_pin_fits_it(office: Office) -> None:
    mary = office.ids["Mary"]
    assert right(office, "Mary", "anything")
    pins.set_pin(office.store, mary, "2468", person=mary, now=NOW)
    assert right(office, "Mary", "2468")
    assert not right(office, "Mary", "2469")
    assert not right(office, "Mary", "")
    with office.store.read() as r:
        kept = r.value("SELECT pin_hash FROM person WHERE id = ?", (mary,))
        assert pins.has_pin(r, mary)
    assert kept.startswith("scrypt$16384$8$1$")
    assert "2468" not in kept
    pins.set_pin(office.store, mary, "2468", person=mary, now=NOW)
    with office.store.read() as r:
        assert r.value("SELECT pin_hash FROM person WHERE id = ?", (mary,)) != kept


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "12 4", "١٢٣٤"])
def test_a_pin_has_four_to_eight_digits(office: Office, pin: str) -> None:
    mary = office.ids["Mary"]
    with pytest.raises(Invalid, match="4 to 8 digits"):
        pins.set_pin(office.store, mary, pin, person=mary, now=NOW)


def test_everybody_sets_the_own_one_and_an_administrator_removes_any(office: Office) -> None:
    ids, store = office.ids, office.store
    for name in ("Max", "Lena", "Ada"):
        with pytest.raises(Refused, match="the own PIN"):
            pins.set_pin(store, ids["Mary"], "1234", person=ids[name], now=NOW)
    pins.set_pin(store, ids["Mary"], "1234", person=ids["Mary"], now=NOW)
    for name in ("Max", "Lena"):
        with pytest.raises(Refused, match="Only an administrator"):
            pins.remove_pin(store, ids["Mary"], person=ids[name], now=NOW)
    removed = pins.remove_pin(store, ids["Mary"], person=ids["Ada"], now=NOW)
    assert right(office, "Mary", "")
    history.undo(store, removed, person=ids["Ada"], now=NOW)
    assert right(office, "Mary", "1234")


def test_wrong_tries_slow_down() -> None:
    assert [pins.wait_after(wrong) for wrong in range(8)] == [0, 0, 0, 5, 10, 20, 40, 80]
    assert pins.wait_after(1000) == 300


def test_nobody_takes_a_pin_away_by_an_undo(office: Office) -> None:
    mary, lena, ada = (office.ids[name] for name in ("Mary", "Lena", "Ada"))
    made = pins.set_pin(office.store, mary, "2468", person=mary, now=NOW)
    with pytest.raises(Refused):
        history.undo(office.store, made, person=lena, now=NOW)
    assert not right(office, "Mary", "1357")
    history.undo(office.store, made, person=ada, now=NOW)
    with pytest.raises(Refused):
        history.redo(office.store, made, person=lena, now=NOW)
    assert right(office, "Mary", "1357")
