"""The history of a workspace: pages, filters, what a command changed, what an undo leaves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

import salesdesk.models.tables  # noqa: F401 - makes every table known
from salesdesk.errors import Refused
from salesdesk.services import (
    chronicle,
    chronicle_changes,
    clients,
    deals,
    fieldwords,
    history,
    settings,
    tasks,
    undo_preview,
)
from salesdesk.services.chronicle import Choice, Told
from salesdesk.services.chronicle_changes import Change
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.mapping import parse_mapping
from salesdesk.services.exchange.reader import read_table
from salesdesk.services.writer import Stopped
from tests.services.importing import DEALS, HEAD
from tests.services.office import DAY, NOW, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office.made(tmp_path) as made:
        yield made


def page(office: Office, limit: int = 10, before: int | None = None, **choice: Any) -> list[Told]:
    with office.store.read() as r:
        return chronicle.page(r, Choice(**choice), before=before, limit=limit)


def changes(office: Office, command: int) -> list[Change]:
    with office.store.read() as r:
        return chronicle_changes.changes(r, command)[0]


def preview(office: Office, command: int) -> list[tuple[str, str, str | None]]:
    with office.store.read() as r:
        found = undo_preview.preview(r, command)
    return [(one.subject.name, one.field, one.person) for one in found.stays]


def rename(office: Office, by: str, title: str, deal: str = "Mary", now: int = NOW + 1) -> int:
    return deals.change(office.store, office.deals[deal], {"title": title},
                        person=office.ids[by], now=now)  # fmt: skip


def test_pages_follow_each_other_without_gaps(office: Office) -> None:
    everything = [one.entry.id for one in page(office, limit=1000)]
    assert everything == sorted(everything, reverse=True)
    found: list[int] = []
    while part := page(office, limit=7, before=found[-1] if found else None):
        found += [one.entry.id for one in part]
    assert found == everything


def test_filters(office: Office) -> None:
    mary, lena = office.ids["Mary"], office.ids["Lena"]
    mine = rename(office, "Mary", "A", now=NOW + 1)
    theirs = rename(office, "Lena", "B", now=NOW + DAY)
    note = deals.add_note(office.store, office.deals["Max"], "Hi", person=lena, now=NOW + DAY)

    def ids(limit: int = 10, **choice: Any) -> list[int]:
        return [one.entry.id for one in page(office, limit, **choice)]

    assert ids(person=mary) == [mine]
    assert ids(person=lena) == [note, theirs]
    assert ids(person=lena, kinds=("note",)) == [note]
    assert ids(first=NOW + DAY) == [note, theirs]
    assert ids(first=NOW + 1, end=NOW + DAY) == [mine]
    assert ids(origin="import") == []
    assert ids(text="deal max", first=NOW + 1) == [note]
    assert ids(text="CO MARY", first=NOW + 1) == [theirs, mine]
    assert ids(text="no such thing") == []
    assert ids(text="%") == ids(text="_") == ids(text="9" * 20) == []
    assert set(ids(people=frozenset({mary}), first=NOW + 1)) == {mine}
    assert ids(person=chronicle.NOBODY, limit=1000) == ids(limit=1000)[3:]
    named = clients.NewClient("contact", "Королёв")
    made = clients.add(office.store, named, person=mary, now=NOW + 2 * DAY)
    assert ids(text="КОРОЛЕВ") == ids(text="Королёв") == [made.command_id]


def test_what_a_command_was_about_and_changed(office: Office) -> None:
    mary = office.ids["Mary"]
    command = rename(office, "Mary", "Crane")
    [told] = page(office, limit=1)
    assert (told.entry.what(), told.entry.about()) == ("Deal changed", "Deal Mary")
    assert [(one.table, one.name) for one in told.subjects] == [("deal", "Crane")]
    assert [(one.field, one.old, one.new) for one in changes(office, command)] == [
        ("Title", "Deal Mary", "Crane")
    ]
    moved = deals.move(
        office.store, [office.deals["Mary"]], office.stages[1], person=mary, now=NOW + 2
    )
    assert ("Stage", "New", "Set") in [
        (one.field, one.old, one.new) for one in changes(office, moved.command_id)
    ]
    given = tasks.reassign(
        office.store, [office.tasks["Mary"]], office.ids["Max"], person=mary, now=NOW + 3
    )
    assert [(one.field, one.old, one.new) for one in changes(office, given)] == [
        ("For whom", "Mary", "Max")
    ]
    set_ = settings.change(office.store, {"managers_see": "all"}, person=None, now=NOW + 4)
    assert [one.subject.name for one in changes(office, set_)] == ["Managers see and change"]


def test_a_note_and_a_pin_are_told_as_people_may_read_them(office: Office) -> None:
    from salesdesk.services import pins

    mary = office.ids["Mary"]
    note = deals.add_note(office.store, office.deals["Mary"], "Call at 5", person=mary, now=NOW + 1)
    assert [(one.what, one.new) for one in changes(office, note)] == [("made", "Call at 5")]
    pin = pins.set_pin(office.store, mary, "1234", person=mary, now=NOW + 2)
    assert [(one.field, one.holds) for one in changes(office, pin)] == [("PIN", "secret")]


def test_an_undo_is_told_by_what_it_took_back(office: Office) -> None:
    command = rename(office, "Mary", "Crane")
    history.undo(office.store, command, person=office.ids["Mary"], now=NOW + 2)
    [undo, original] = page(office, limit=2)
    assert undo.original is not None
    assert (undo.entry.kind, undo.original.id) == ("undo", command)
    assert original.entry.undone
    with office.store.read() as r:
        assert chronicle.words(r, command) == "Deal changed · Deal Mary"
    assert changes(office, undo.entry.id) == changes(office, command)


def test_the_preview_says_what_the_undo_leaves(office: Office) -> None:
    mary, lena = office.ids["Mary"], office.ids["Lena"]
    made = deals.create(
        office.store, deals.NewDeal("Pump", office.stages[0], owner_id=mary), person=mary,
        now=NOW + 1,
    )  # fmt: skip
    [deal] = made.deal_ids
    assert preview(office, made.command_id) == []
    change = deals.change(office.store, deal, {"title": "Pump 2"}, person=mary, now=NOW + 2)
    assert preview(office, made.command_id) == [("Pump 2", "", "Mary")]
    assert preview(office, change) == []
    deals.change(office.store, deal, {"title": "Pump 3"}, person=lena, now=NOW + 3)
    assert preview(office, change) == [("Pump 3", "Title", "Lena")]
    kept = history.undo(office.store, made.command_id, person=mary, now=NOW + 4).kept
    assert kept == ("Pump 3",)


def test_one_takes_back_the_own_a_lead_the_teams_an_admin_all(office: Office) -> None:
    ids, store = office.ids, office.store
    command = rename(office, "Mary", "Crane")
    for name in ("Max", "Ian", "Otto"):
        with pytest.raises(Refused, match="This was done by Mary"):
            history.undo(store, command, person=ids[name], now=NOW + 2)
    history.undo(store, command, person=ids["Lena"], now=NOW + 2)
    with pytest.raises(Refused, match="This was done by Lena"):
        history.redo(store, command, person=ids["Mary"], now=NOW + 3)
    history.redo(store, command, person=ids["Ada"], now=NOW + 3)
    with pytest.raises(Refused, match="done by a script"):
        history.undo(store, office.desk.commands[-1], person=ids["Mary"], now=NOW + 4)


def test_a_cancelled_import_is_taken_back_step_by_step(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = "".join(f"x{n},T{n},Ann,Talk,2024-01-10,,,1\n" for n in range(700))
    path.write_text(HEAD + rows, encoding="utf-8")
    before = office.live_deals()
    steps = importer.import_table(
        office.store, read_table(path), parse_mapping(DEALS), person=office.ids["Ada"],
        now=NOW + 1, slice_seconds=10,
    )  # fmt: skip
    step = next(steps)
    while step.phase != "write" or step.done < 150:
        step = next(steps)
    step = steps.throw(Stopped())
    taken = [step, *_until(steps, Stopped)]
    assert [each.phase for each in taken] == ["back"] * len(taken)
    assert len(taken) > 1
    assert taken[-1].done == taken[-1].total
    assert office.live_deals() == before
    with office.store.read() as r:
        assert r.value("SELECT count(*) FROM command WHERE state = 'running'") == 0


def _until(steps: Iterator[importer.Progress], error: type[Exception]) -> list[importer.Progress]:
    found: list[importer.Progress] = []

    def take() -> None:
        while True:
            found.append(next(steps))

    with pytest.raises(error):
        take()
    return found


def test_every_column_has_a_name_or_is_not_told() -> None:
    """A new column says what it is called, or that it is not shown."""
    not_told = {"command", "txn", "change"}
    for name, table in SQLModel.metadata.tables.items():
        if name in not_told or name not in fieldwords.THINGS:
            continue
        known = set(fieldwords.FIELDS.get(name, {})) | fieldwords.HIDDEN
        if name in chronicle.FACTS:
            continue
        assert {column.name for column in table.columns} <= known, name
    for fields in fieldwords.FIELDS.values():
        for _label, holds in fields.values():
            assert holds in fieldwords.TITLES or holds in {
                "text", "money", "points", "tenths", "rate", "day", "moment", "month", "percent",
                "number", "yes_no", "json", "secret", "word",
            }  # fmt: skip
