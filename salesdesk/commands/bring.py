"""Tables in: ``import``."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, tables
from salesdesk.commands.session import Session
from salesdesk.commands.values import file_given
from salesdesk.errors import Refused, SalesDeskError
from salesdesk.services.exchange.fields import KINDS
from salesdesk.text import N_, ntr, tr

if TYPE_CHECKING:
    from salesdesk.services.exchange.importer import ImportResult, Progress
    from salesdesk.services.exchange.mapping import Mapping
    from salesdesk.services.exchange.table import Table

_SHOWN = 20


class NothingImported(SalesDeskError):
    """Rows were rejected and all or nothing was asked for, or nothing could be made of the file."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(N_("Nothing was imported"), message, **values)


def import_arguments(parser: argparse.ArgumentParser) -> None:
    """``import FILE --as KIND [--map] [--pipeline] [--dry-run] [--all-or-nothing]``."""
    parser.add_argument(
        "file", type=file_given, metavar=tr("FILE"), help=tr("CSV, XLSX, or a page of HTML")
    )
    parser.add_argument(
        "--as", dest="kind", required=True, choices=KINDS, help=tr("what the rows are")
    )
    parser.add_argument(
        "--map", type=file_given, metavar="MAP.toml",
        help=tr("which column feeds which field (default: guessed from the headings)"),
    )  # fmt: skip
    parser.add_argument(
        "--pipeline", metavar=tr("NAME"), help=tr("the pipeline to import into; made if new")
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=tr("only say what would be imported")
    )
    parser.add_argument(
        "--all-or-nothing", action="store_true", help=tr("import nothing if a row is rejected")
    )
    parser.add_argument("--sheet", metavar=tr("NAME"), help=tr("which sheet of a workbook"))
    parser.add_argument(
        "--rejects",
        type=file_given,
        metavar="FILE.csv",
        help=tr("write the rejected rows to this file"),
    )
    parser.add_argument("--by", metavar=tr("PERSON"), help=tr("who does it"))


def run_import(session: Session, options: argparse.Namespace) -> Answer:
    """Read the file, import its good rows (or none), say what was found and what happened."""
    from salesdesk.commands import found_out
    from salesdesk.services.exchange.reader import read_table

    mapping = None if options.map is None else _mapping_of(options)
    table = read_table(Path(options.file), sheet=options.sheet)
    mapping = mapping or _guessed(session, table, options)
    result = _imported(session, options, table, mapping)
    error: SalesDeskError | None = None
    if options.rejects and result.rejected:
        error = _write_rejects(Path(options.rejects), table, result)
    if result.refused_whole:
        error = NothingImported(
            N_("Rejected rows: {n}; nothing was imported."), n=len(result.rejected)
        )
    notes = [tr(remark.message, **dict(remark.values)) for remark in table.notes]
    notes += found_out.doubts(result.formats)
    guessed = {} if options.map else mapping.columns
    document = {
        **_document(result),
        "notes": notes,
        "found": found_out.document(table.found, result.formats),
        "columns": {name: list(columns) for name, columns in mapping.columns.items()},
    }

    def shown() -> str:
        took = [f"{name} = {' + '.join(columns)}" for name, columns in guessed.items()]
        how = found_out.line(table.found, result.formats)
        return "\n".join([*notes, how, *took, _text(result, options)])

    return Answer(document, shown, error)


def _mapping_of(options: argparse.Namespace) -> "Mapping":
    from salesdesk.services.exchange.mapping import MappingError, load_mapping

    mapping = load_mapping(Path(options.map))
    if mapping.kind != options.kind:
        raise MappingError(
            N_("The mapping is for {kind}, not for {other}; nothing was imported."),
            kind=mapping.kind,
            other=options.kind,
        )
    return mapping


def _guessed(session: Session, table: "Table", options: argparse.Namespace) -> "Mapping":
    from salesdesk.services import own_fields
    from salesdesk.services.exchange.guess import guess_mapping, with_own_fields
    from salesdesk.services.exchange.mapping import check_fields

    guess = guess_mapping(table, options.kind, options.pipeline)
    if guess.score <= 0:
        if guess.mapping.columns:
            check_fields(guess.mapping)  # one that is needed is not there: its name is said
        raise _unfamiliar(table, options)
    check_fields(guess.mapping)
    with session.store() as store, store.read() as r:
        return with_own_fields(guess.mapping, table, own_fields.known(r))


def _unfamiliar(table: "Table", options: argparse.Namespace) -> NothingImported:
    """No column is called like a field; in a workbook the rows may be on another sheet."""
    file = Path(options.file).name
    if table.found.sheets > 1:
        return NothingImported(
            N_("No column of the sheet {sheet} of {file} looks like a field of {kind}: name "
               "another of its {n} sheets with --sheet, or say which column is which with --map."),
            sheet=table.found.sheet, file=file, kind=options.kind, n=table.found.sheets,
        )  # fmt: skip
    return NothingImported(
        N_("No column of {file} looks like a field of {kind}: say which is which with --map."),
        file=file,
        kind=options.kind,
    )


def _imported(
    session: Session, options: argparse.Namespace, table: "Table", mapping: "Mapping"
) -> "ImportResult":
    from salesdesk.models import lock
    from salesdesk.services.exchange import importer

    with session.store() as store:
        running = lock.running(store.path)
        if running is None:
            raise Refused(
                N_("Another import or undo is being carried out; nothing was imported, try again.")
            )
        alone = not lock.is_open_in_window(store.path)
        with running:
            result = importer.run(
                importer.import_table(
                    store, table, mapping,
                    person=session.person(store, options.by), now=session.now(store.zone),
                    pipeline=options.pipeline, dry_run=options.dry_run,
                    all_or_nothing=options.all_or_nothing,
                    slice_seconds=importer.ALONE_SLICE if alone else importer.WINDOW_SLICE,
                    name=Path(options.file).name,
                ),
                _Shown(),
            )  # fmt: skip
    if mapping.kind == "deals" and not mapping.feeds("external_id"):
        session.note(tr("No column holds the number of a deal: a second import adds them again."))
    return result


class _Shown:
    """Progress on standard error, when somebody looks at it."""

    def __init__(self) -> None:
        self._looked_at = sys.stderr is not None and sys.stderr.isatty()
        self._last = -1

    def __call__(self, step: "Progress") -> None:
        percent = 100 * step.done // max(step.total, 1)
        if not self._looked_at or step.phase != "write" or percent == self._last:
            return
        self._last = percent
        end = "\n" if step.done >= step.total else ""
        sys.stderr.write(f"\r{percent:3d} %{end}")
        sys.stderr.flush()


def _write_rejects(path: Path, table: "Table", result: "ImportResult") -> SalesDeskError | None:
    """Write the rejected rows; the good ones are imported by now, so a failure is told beside."""
    from salesdesk.services.exchange.rejects import write_rejects

    cells = dict([*table.rows, *table.spoilt])
    try:
        write_rejects(path, table.headings, result.rejected, cells)
    except SalesDeskError as error:
        return error
    return None


def _document(result: "ImportResult") -> dict[str, Any]:
    return {
        "read": result.read,
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "rejected": [
            {"row": one.row, "column": one.column, "value": one.value, "problem": one.problem}
            for one in result.rejected
        ],
        "created_deals": result.created_deals,
        "created_moves": result.created_moves,
        "created_clients": result.created_clients,
        "created_stages": list(result.created_stages),
        "created_people": list(result.created_people),
        "command_id": result.command_id,
        "dry_run": result.dry_run,
    }


def _text(result: "ImportResult", options: argparse.Namespace) -> str:
    heading = tr("This would be imported:") if result.dry_run else tr("Imported:")
    if result.refused_whole:
        heading = tr("Nothing was imported. Without --all-or-nothing it would be:")
    numbers = [
        (tr("Rows read"), result.read), (tr("created"), result.created),
        (tr("updated"), result.updated), (tr("unchanged"), result.unchanged),
        (tr("rejected"), len(result.rejected)), (tr("New deals"), result.created_deals),
        (tr("New moves"), result.created_moves), (tr("New clients"), result.created_clients),
    ]  # fmt: skip
    lines = [heading, *(f"  {name}: {tables.count(n)}" for name, n in numbers if n)]
    for name, made in (
        (tr("New stages"), result.created_stages), (tr("New people"), result.created_people),
    ):  # fmt: skip
        if made:
            lines.append(f"  {name}: {', '.join(made)}")
    if result.rejected:
        heads = [tr("Row"), tr("Column"), tr("Value"), tr("Reason")]
        rows = [
            (str(one.row), one.column, one.value, tr(one.problem))
            for one in result.rejected[:_SHOWN]
        ]
        lines += ["", tables.table(heads, rows, right=(0,))]
        more = len(result.rejected) - _SHOWN
        if more > 0:
            lines.append(ntr("… and {n} more", "… and {n} more", more))
        if not options.rejects:
            lines.append(tr("--rejects FILE.csv writes the rejected rows to a file."))
    return "\n".join(lines)
