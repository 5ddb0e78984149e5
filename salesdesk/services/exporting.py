"""Tables out of the workspace: deals, moves, tasks, clients, contractors, any rows; CSV and XLSX.

Headings are the names of the import's fields, so that what goes out comes in again: records
without an external id are named by the identifier that they have in every copy. In CSV a text
that a spreadsheet would run gets a guarding apostrophe; in XLSX texts are cells of type text.
Moments are local times of the workspace's zone, with fractions of a second when there are any.
"""

import csv
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, TypeAlias

from salesdesk.errors import Invalid, Reason, SalesDeskError
from salesdesk.models.store import Reader
from salesdesk.moments import Zone, amount_of
from salesdesk.services.exchange.cells import safe_cell
from salesdesk.services.exchange.keys import key_of
from salesdesk.text import N_

Cell: TypeAlias = str | int | Decimal | date | datetime | None
KINDS = ("deals", "moves", "tasks", "companies", "contacts", "contractors")
SUFFIXES = (".csv", ".xlsx")
_CENT = Decimal("0.01")
_LONGEST = 32_767  # characters of a cell in XLSX
_MOST_ROWS = 1_048_575


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to be written: names of the columns, and rows with one cell a column."""

    name: str
    headings: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


# -- files ----------------------------------------------------------------------------------------


def write_sheet(path: Path, sheet: Sheet) -> int:
    """Write a table to ``path`` (by its suffix ``.csv`` or ``.xlsx``); returns how many rows.

    The file appears whole or not at all. Raises Invalid for another suffix, SalesDeskError when it
    cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Invalid(N_("{file} must end in .csv or .xlsx; nothing was written."), file=path.name)
    if suffix == ".xlsx" and len(sheet.rows) > _MOST_ROWS:
        raise Invalid(N_("XLSX holds 1,048,575 rows at most: write CSV; nothing was written."))
    with written_whole(path) as part:
        (_write_csv if suffix == ".csv" else _write_xlsx)(part, sheet)
    return len(sheet.rows)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file to write in place of ``path``, which it replaces at the end, if all went well."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise SalesDeskError(
            N_("The file was not written"),
            N_("{file} cannot be written: {reason}."),
            file=str(path),
            reason=Reason(error),
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _write_csv(path: Path, sheet: Sheet) -> None:
    with path.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow([safe_cell(name) for name in sheet.headings])
        writer.writerows([_text(cell) for cell in row] for row in sheet.rows)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return safe_cell(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def _write_xlsx(path: Path, sheet: Sheet) -> None:
    with path.open("wb") as file:  # before the workbook: it cannot be given up half-way
        _workbook(sheet).save(file)


def _workbook(sheet: Sheet) -> Any:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.name[:31])
    page.freeze_panes = "A2"

    def made(cell: Cell) -> Any:
        value = spreadsheet_value(cell)
        found = WriteOnlyCell(page, value)
        if isinstance(value, str):
            found.data_type = "s"
        return found

    heads = [made(name) for name in sheet.headings]
    for head in heads:
        head.font = Font(bold=True)
    page.append(heads)
    for row in sheet.rows:
        page.append([made(cell) for cell in row])
    return book


def spreadsheet_value(cell: Cell) -> Any:
    """What a spreadsheet can hold: no control characters, nothing too long, no dates before 1900,
    no moments finer than a second."""
    if isinstance(cell, datetime):
        return cell if cell.year >= 1900 and not cell.microsecond else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell if cell.year >= 1900 else cell.isoformat()
    if isinstance(cell, str):
        kept = "".join(sign for sign in cell if sign >= " " or sign in "\t\n\r")
        return kept.encode("utf-8", "replace").decode("utf-8")[:_LONGEST]
    return cell


# -- cells ----------------------------------------------------------------------------------------


def local(moment: int | None, zone: Zone) -> datetime | None:
    """A moment as the local time of the workspace."""
    return None if moment is None else zone.local(moment).replace(tzinfo=None)


def day(ordinal: int | None) -> date | None:
    """A day."""
    return None if ordinal is None else date.fromordinal(ordinal)


def money(value: int | None) -> Decimal | None:
    """An amount of the database with two decimals (more only where it has more)."""
    if value is None:
        return None
    amount = amount_of(value)
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    return rounded if rounded == amount else amount


# -- tables ---------------------------------------------------------------------------------------


def sheet_of(r: Reader, kind: str) -> Sheet:
    """The table of one of ``KINDS``: everything that is not deleted."""
    tables = {
        "deals": _deals,
        "moves": _moves,
        "tasks": _tasks,
        "companies": lambda reader: _clients(reader, "company"),
        "contacts": lambda reader: _clients(reader, "contact"),
        "contractors": _contractors,
    }
    headings, rows = tables[kind](r)
    return Sheet(kind, tuple(headings), rows)


_Table: TypeAlias = tuple[Sequence[str], list[tuple[Cell, ...]]]

_DEALS = (
    "SELECT d.id, d.uid, d.external_id, d.title, p.name, s.name, o.name, c.name, k.name, "
    "d.created_at, d.since, d.closed_at, d.amount, d.cost, d.currency, f.name, i.name, "
    "d.expected_day, d.probability, u.uid, u.external_id, l.name, d.number FROM deal d "
    "LEFT JOIN pipeline p ON p.id = d.pipeline_id LEFT JOIN stage s ON s.id = d.stage_id "
    "LEFT JOIN person o ON o.id = d.owner_id LEFT JOIN client c ON c.id = d.client_id "
    "LEFT JOIN client k ON k.id = d.contact_id LEFT JOIN source f ON f.id = d.source_id "
    "LEFT JOIN industry i ON i.id = d.industry_id "
    "LEFT JOIN deal u ON u.id = d.parent_id AND u.deleted_at IS NULL "
    "LEFT JOIN lost_reason l ON l.id = d.lost_reason_id "
    "WHERE d.deleted_at IS NULL AND d.stage_id IS NOT NULL ORDER BY d.id"
)
_DEAL_HEADINGS = (
    "external_id", "title", "pipeline", "stage", "owner", "company", "contact", "created_at",
    "stage_entered_at", "closed_at", "amount", "cost", "currency", "source", "industry",
    "expected_close", "probability", "parent", "lost_reason",
)  # fmt: skip


def _deals(r: Reader) -> _Table:
    zone = r.zone
    tags = _tags(r)
    names, own = _own_fields(r)
    rows: list[tuple[Cell, ...]] = []
    for deal, uid, external, *row in r.rows(_DEALS):
        values = own.get(deal, {})
        of, of_external, reason, number = row[16:]
        rows.append(
            (
                key_of(external, uid), *row[:6], *(local(at, zone) for at in row[6:9]),
                money(row[9]), money(row[10]), *row[11:14], day(row[14]), row[15],
                None if of is None else key_of(of_external, of), reason,
                ", ".join(tags.get(deal, ())), *(values.get(field) for field in names), number,
            )
        )  # fmt: skip
    return (*_DEAL_HEADINGS, "tags", *names.values(), "number"), rows


def _tags(r: Reader) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for deal, name in r.rows(
        "SELECT x.deal_id, t.name FROM deal_tag x JOIN tag t ON t.id = x.tag_id "
        "WHERE x.deleted_at IS NULL AND t.deleted_at IS NULL ORDER BY t.name"
    ):
        found.setdefault(deal, []).append(name)
    return found


def _own_fields(r: Reader) -> tuple[dict[int, str], dict[int, dict[int, str | None]]]:
    """Names of the deals' own fields by key, and their values by deal."""
    names: dict[int, str] = dict(
        r.rows(
            "SELECT id, name FROM custom_field WHERE subject = 'deal' AND deleted_at IS NULL "
            "ORDER BY position, id"
        )
    )
    values: dict[int, dict[int, str | None]] = {}
    for deal, field, value in r.rows(
        "SELECT v.subject_id, v.field_id, v.value FROM field_value v "
        "JOIN custom_field f ON f.id = v.field_id WHERE f.subject = 'deal' "
        "AND v.deleted_at IS NULL AND f.deleted_at IS NULL"
    ):
        values.setdefault(deal, {})[field] = value
    return names, values


#: Of an assumed move: reported ones tell the story instead (``models.derive``).
_GAVE_WAY = 1
_MOVES = (
    "SELECT d.external_id, d.uid, m.at, p.name, s.name, b.name, g.name, d.title, m.mover_as, "
    "l.name, m.amount, m.spent / 1000000, m.deal_id, m.seq, m.superseded, m.sets_owner, m.owner_id "
    "FROM stage_move m JOIN deal d ON d.id = m.deal_id JOIN stage s ON s.id = m.to_stage_id "
    "JOIN pipeline p ON p.id = s.pipeline_id LEFT JOIN person b ON b.id = m.mover_id "
    "LEFT JOIN stage g ON g.id = m.from_stage_id "
    "LEFT JOIN lost_reason l ON l.id = m.lost_reason_id "
    "WHERE m.undone = 0 AND d.deleted_at IS NULL ORDER BY m.at, m.seq"
)


def _moves(r: Reader) -> _Table:
    """Each move with who was responsible right after it: also where several changes share a
    moment, as ``models.derive`` plays them."""
    zone = r.zone
    names: dict[int | None, str] = dict(r.rows("SELECT id, name FROM person"))
    changes = deque(
        r.rows("SELECT at, seq, deal_id, person_id FROM owner_change WHERE undone = 0 "
               "ORDER BY at, seq")
    )  # fmt: skip
    found = r.rows(_MOVES)
    owners = _first_owners(found)
    given_way = set(owners)
    rows: list[tuple[Cell, ...]] = []
    for external, uid, at, *shown, deal, seq, superseded, sets, owner in found:
        while changes and changes[0][:2] <= (at, seq):
            *_, changed, owners[changed] = changes.popleft()
        if sets and superseded == _GAVE_WAY and deal in given_way:
            given_way.discard(deal)
        elif sets:
            owners[deal] = owner
        if not superseded:
            pipeline, stage, by, left, title, mover_as, reason, amount, spent = shown
            rows.append(
                (key_of(external, uid), pipeline, stage, local(at, zone), by, left,
                 names.get(owners.get(deal)), title, mover_as, reason, money(amount), spent)
            )  # fmt: skip
    headings = (
        "deal", "pipeline", "stage", "at", "by", "from", "owner", "title", "as", "lost_reason",
        "amount", "seconds_in_stage_left",
    )  # fmt: skip
    return headings, rows


def _first_owners(moves: list[tuple[Any, ...]]) -> dict[int, int | None]:
    """Whom assumed moves that gave way to reported ones made responsible: the first of a deal from
    its beginning on."""
    found: dict[int, int | None] = {}
    for *_, deal, _seq, superseded, sets, owner in moves:
        if superseded == _GAVE_WAY and sets:
            found.setdefault(deal, owner)
    return found


_TASKS = (
    "SELECT t.external_id, t.uid, t.title, d.external_id, d.uid, a.name, t.created_at, t.due_at, "
    "t.closed_at, t.state, k.name, t.postponed, t.result "
    "FROM task t LEFT JOIN deal d ON d.id = t.deal_id "
    "LEFT JOIN person a ON a.id = t.assignee_id LEFT JOIN task_kind k ON k.id = t.kind_id "
    "WHERE t.deleted_at IS NULL AND (d.id IS NULL OR d.deleted_at IS NULL) ORDER BY t.id"
)


def _tasks(r: Reader) -> _Table:
    zone = r.zone
    rows: list[tuple[Cell, ...]] = []
    for row in r.rows(_TASKS):
        external, uid, title, of_external, of, assignee, *moments, state, kind, put, result = row
        deal = None if of is None else key_of(of_external, of)
        rows.append(
            (key_of(external, uid), title, deal, assignee, *(local(at, zone) for at in moments),
             state, kind, put, result)
        )  # fmt: skip
    headings = (
        "external_id", "title", "deal", "assignee", "created_at", "due", "closed_at", "state",
        "kind", "postponed", "result",
    )  # fmt: skip
    return headings, rows


def _clients(r: Reader, kind: str) -> _Table:
    contacts: dict[tuple[int, str], list[str]] = {}
    for client, what, value in r.rows(
        "SELECT client_id, kind, value FROM client_contact WHERE deleted_at IS NULL "
        "ORDER BY client_id, position, id"
    ):
        contacts.setdefault((client, what), []).append(value)
    rows: list[tuple[Cell, ...]] = []
    for key, external, uid, name, company, industry, source, tax, notes in r.rows(
        "SELECT c.id, c.external_id, c.uid, c.name, w.name, i.name, s.name, c.tax_number, c.notes "
        "FROM client c LEFT JOIN client w ON w.id = c.company_id "
        "LEFT JOIN industry i ON i.id = c.industry_id LEFT JOIN source s ON s.id = c.source_id "
        "WHERE c.kind = ? AND c.deleted_at IS NULL AND c.merged_into_id IS NULL ORDER BY c.id",
        (kind,),
    ):
        middle = (industry,) if kind == "company" else (company,)
        phone, email = (", ".join(contacts.get((key, what), ())) for what in ("phone", "email"))
        rows.append((key_of(external, uid), name, *middle, source, tax, phone, email, notes))
    middle_name = "industry" if kind == "company" else "company"
    headings = (
        "external_id", "name", middle_name, "source", "tax_number", "phone", "email", "notes",
    )  # fmt: skip
    return headings, rows


def _contractors(r: Reader) -> _Table:
    does: dict[int, list[str]] = {}
    for contractor, service in r.rows(
        "SELECT x.contractor_id, s.name FROM contractor_service x "
        "JOIN service s ON s.id = x.service_id "
        "WHERE x.deleted_at IS NULL AND s.deleted_at IS NULL ORDER BY s.position, s.id"
    ):
        does.setdefault(contractor, []).append(service)
    rows: list[tuple[Cell, ...]] = [
        (key_of(external, uid), name, "; ".join(does.get(key, ())), *more)
        for key, external, uid, name, *more in r.rows(
            "SELECT id, external_id, uid, name, tax_number, phone, email, rating, notes "
            "FROM contractor WHERE deleted_at IS NULL ORDER BY id"
        )
    ]
    headings = (
        "external_id", "name", "services", "tax_number", "phone", "email", "rating", "notes",
    )  # fmt: skip
    return headings, rows


def sheet(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Sheet:
    """Any table."""
    return Sheet(name, tuple(headings), [tuple(row) for row in rows])
