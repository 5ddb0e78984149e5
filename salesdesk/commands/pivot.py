"""A free pivot: ``pivot --rows closed:month,person --measure sum:amount``."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from salesdesk import names
from salesdesk.commands import Answer, WrongUsage, report_tables
from salesdesk.commands.numbers import told_written
from salesdesk.commands.reports import whose
from salesdesk.commands.session import Session
from salesdesk.commands.take import add_output, output_path
from salesdesk.commands.values import day_given
from salesdesk.errors import NotFound
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Reader
    from salesdesk.services.pivot_fields import Dimension, Entity
    from salesdesk.services.report_table import Table

_ENTITIES = ("deal", "child", "task", "move", "quote")
_SUFFIXES = (".csv", ".xlsx")


def pivot_arguments(parser: argparse.ArgumentParser) -> None:
    """``pivot [--of deal] --rows --columns --measure --date --only FIELD=VALUE ...``."""
    parser.add_argument("--of", choices=_ENTITIES, default=_ENTITIES[0],
                        help=tr("what is counted (default: deal)"))  # fmt: skip
    parser.add_argument("--rows", metavar=tr("FIELDS"), default="",
                        help=tr("one or two fields: person, closed:month, f12, ..."))  # fmt: skip
    parser.add_argument("--columns", metavar=tr("FIELD"), default="", help=tr("one field"))
    parser.add_argument(
        "--measure", metavar=tr("HOW"), default="",
        help=tr("count, sum:NUMBER, mean:NUMBER, median:NUMBER, share_row, share_column, "
                "share_total (default: count)"),
    )  # fmt: skip
    parser.add_argument("--date", metavar=tr("FIELD"), default="",
                        help=tr("the date that the period is of"))  # fmt: skip
    parser.add_argument(
        "--only", action="append", default=[], metavar=tr("FIELD=VALUE"),
        help=tr("only what has this value, by name (0: none); as often as wanted"),
    )  # fmt: skip
    for name, dest, told in (
        ("--from", "first", tr("the first day (without any: all time)")),
        ("--to", "last", tr("the last day, included")),
    ):
        parser.add_argument(name, dest=dest, type=day_given, metavar=tr("DATE"), help=told)
    parser.add_argument("--pipeline", metavar=tr("NAME"), help=tr("only this pipeline"))
    parser.add_argument("--person", metavar=tr("NAME"), help=tr("only this person"))
    parser.add_argument("--team", metavar=tr("NAME"), help=tr("only this team"))
    parser.add_argument("--fields", action="store_true",
                        help=tr("list the fields and numbers that there are"))  # fmt: skip
    add_output(parser)


def run_pivot(session: Session, options: argparse.Namespace) -> Answer:
    """The table of a pivot, or what it may be made of."""
    if (options.first is None) != (options.last is None):
        raise WrongUsage(tr("A pivot needs --from and --to together, or neither."))
    path = None if options.output is None else output_path(options.output, _SUFFIXES)
    with session.store() as store, store.read() as r:
        if options.fields:
            return _fields(r, options.of)
        now = session.now(store.zone)
        table, label = _asked(r, options, now)
        document = _document(table, store.zone)
        if path is None:
            return Answer(document, lambda: report_tables.text(label, table, store.zone))
        from salesdesk.services import report_files

        report_files.write(path, table, report_files.Told(label), store.zone, {})
    return told_written(path, document)


def _asked(r: "Reader", options: argparse.Namespace, now: int) -> tuple["Table", str]:
    """The table, and what it is of."""
    from salesdesk.services import pivot
    from salesdesk.services.periods import Period
    from salesdesk.services.pivot_catalog import entity
    from salesdesk.services.report_table import Query

    own = {"entity": options.of, "rows": options.rows, "columns": options.columns,
           "measure": options.measure, "date": options.date}  # fmt: skip
    if options.only:
        own |= _only(r, entity(r, options.of), options.only)
    if options.first is None:
        own["all"] = "1"
        today = r.zone.day_of(now)
        period = Period(today, today)
    else:
        period = Period(options.first, options.last)
    texts = {key: text for key, text in own.items() if text}
    limits: Any = whose(r, options)
    query = Query(period, own=texts, **limits)
    table = pivot.read(r, query, now=now)
    when = tr("All time") if options.first is None else period.label()
    return table, f"{table.title} · {when}"


def _only(r: "Reader", found: "Entity", given: Sequence[str]) -> dict[str, str]:
    """``state=Won`` as the pivot has it; names in any case, and the words of addresses."""
    from salesdesk.services.pivot_spec import only_text

    keys: dict[str, list[Any]] = {}
    for text in given:
        field, equals, value = text.partition("=")
        if not equals:
            raise WrongUsage(tr("“{text}” is no FIELD=VALUE.", text=text))
        keys.setdefault(field, []).append(_key(r, found.dimension(field), value))
    return {f"only.{field}": only_text(several) for field, several in keys.items()}


def _key(r: "Reader", dimension: "Dimension", value: str) -> Any:
    from salesdesk.services import pivot_values

    if value == pivot_values.NONE:
        return None
    wanted = names.key(value)
    for known, name in pivot_values.find(r, dimension, value):
        if wanted in (names.key(name), names.key(known)):
            return pivot_values.raw_of(dimension, known)
    for word in dimension.words:
        if wanted == word:
            return word
    raise NotFound(N_("“{field}” has no value “{value}”."), field=dimension.name(), value=value)


def _document(table: "Table", zone: Any) -> dict[str, Any]:
    """Heads and rows in their order, as a table is; cells as those of reports."""
    found = report_tables.document(table, zone)
    heads = [column.title if column.named else tr(column.title) for column in table.columns]
    document = {
        "title": table.title,
        "columns": heads,
        "rows": [list(row.values()) for row in found["rows"]],
        "total": list(found["total"].values()) if "total" in found else None,
    }
    return {**document, "currency": found["currency"], "notes": found["notes"]}


def _fields(r: "Reader", name: str) -> Answer:
    from salesdesk.commands import tables
    from salesdesk.services.pivot_catalog import entity

    found = entity(r, name)
    fields = [(one.key, one.name(), one.is_date) for one in found.dimensions.values()]
    numbers = [(one.key, one.name()) for one in found.numbers.values()]
    document = {
        "fields": [{"key": key, "name": text, "date": dated} for key, text, dated in fields],
        "numbers": [{"key": key, "name": text} for key, text in numbers],
    }
    rows = [[key, text, tr("date") if dated else ""] for key, text, dated in fields]
    rows += [[key, text, tr("number")] for key, text in numbers]
    heads = [tr("Key"), tr("Field"), ""]
    return Answer(document, lambda: tables.table(heads, rows, ()))
