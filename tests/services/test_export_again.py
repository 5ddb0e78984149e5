"""What is exported comes in again, whatever happened to it meanwhile: nothing doubled, nothing
lost. Records have no external id here, but for the identifier under which they are exported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesdesk.errors import Refused
from salesdesk.models.store import Store
from salesdesk.services import clients, deals, exporting, history, merging
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.guess import guess_mapping
from salesdesk.services.exchange.importer import ImportResult
from salesdesk.services.exchange.reader import read_table
from tests.builders import Desk, empty_store
from tests.services.importing import NOW

BY: dict[str, Any] = {"person": None, "now": NOW}


class Office:
    """A workspace of one pipeline, and the files that it writes and reads."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.store = folder, store
        self.stage = Desk(store).pipeline("Sales")[0]

    def deal(self, title: str, parent: int | None = None) -> int:
        new = deals.NewDeal(title, self.stage, parent_id=parent)
        return deals.create(self.store, new, **BY).deal_ids[0]

    def contact(self, name: str, phone: str = "") -> int:
        new = clients.NewClient("contact", name, phones=(phone,) if phone else ())
        return clients.add(self.store, new, **BY).id

    def write(self, kind: str) -> Path:
        path = self.folder / f"{kind}.csv"
        with self.store.read() as r:
            exporting.write_sheet(path, exporting.sheet_of(r, kind))
        return path

    def bring(self, path: Path) -> ImportResult:
        table = read_table(path)
        kind: Any = path.stem
        steps = importer.import_table(
            self.store, table, guess_mapping(table, kind).mapping, slice_seconds=1.0, **BY
        )
        return importer.run(steps)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.store.read() as r:
            return r.rows(sql)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "here").mkdir()
    with empty_store(tmp_path / "here") as store:
        yield Office(tmp_path / "here", store)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "there").mkdir()
    with empty_store(tmp_path / "there") as store:
        yield Office(tmp_path / "there", store)


def test_a_deleted_deal_does_not_come_back_beside_what_an_import_made_of_it(
    office: Office,
) -> None:
    made = office.deal("Crane")
    path = office.write("deals")
    gone = deals.delete(office.store, [made], **BY)
    assert office.bring(path).created == 1
    with pytest.raises(Refused):
        history.undo(office.store, gone, **BY)
    with pytest.raises(Refused):
        deals.restore(office.store, [made], **BY)
    [(copy,)] = office.rows("SELECT id FROM deal WHERE deleted_at IS NULL")
    deals.delete(office.store, [copy], **BY)
    deals.restore(office.store, [made], **BY)
    assert office.bring(path).unchanged == 1
    with pytest.raises(Refused):
        deals.restore(office.store, [copy], **BY)


def test_a_deleted_parent_is_not_named(office: Office, other: Office) -> None:
    parent = office.deal("Parent")
    office.deal("Child", parent)
    deals.delete(office.store, [parent], **BY)
    path = office.write("deals")
    assert office.bring(path).unchanged == 1
    assert (found := other.bring(path)).created == 1
    assert not found.rejected


def test_what_a_merged_deal_was_the_child_of_makes_no_circle(office: Office) -> None:
    stays = office.deal("Stays")
    gone = office.deal("Gone", office.deal("Middle", stays))
    path = office.write("deals")
    merging.merge_deals(office.store, stays, [gone], **BY)
    found = office.bring(path)
    assert (found.unchanged, found.rejected) == (3, ())


def test_a_merged_contact_is_the_survivor(office: Office) -> None:
    stays, gone = office.contact("Irina Belova"), office.contact("Ira B.", "8 912 555-01-42")
    path = office.write("contacts")
    merging.merge_clients(office.store, stays, [gone], **BY)
    assert office.bring(path).unchanged == 2


def test_a_contact_known_by_name_is_known_by_the_key_from_then_on(
    office: Office, other: Office
) -> None:
    made = office.contact("Irina")
    other.contact("Irina")
    assert other.bring(office.write("contacts")).updated == 1
    clients.change(office.store, made, {"name": "Irina Belova"}, **BY)
    assert other.bring(office.write("contacts")).updated == 1
    assert other.rows("SELECT name FROM client WHERE deleted_at IS NULL") == [("Irina Belova",)]


def test_namesakes_on_both_sides_stay_as_many(office: Office, other: Office) -> None:
    for side in (office, other):
        for last in "23":
            side.contact("Irina", f"8 912 555-01-4{last}")
    path = office.write("contacts")
    other.bring(path)
    assert other.bring(path).unchanged == 2
    assert len(other.rows("SELECT id FROM client WHERE deleted_at IS NULL")) == 2
    assert len(other.rows("SELECT id FROM client_contact WHERE deleted_at IS NULL")) == 2


def test_a_contact_of_another_program_is_somebody_else(office: Office, other: Office) -> None:
    made = other.contact("Irina")
    with other.store.command("test", now=NOW) as tx:
        tx.update("client", [{"id": made, "external_id": "C-1"}])
    office.contact("Irina")
    assert other.bring(office.write("contacts")).created == 1
