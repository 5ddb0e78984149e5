"""Tables out: ``export``."""

import argparse
from pathlib import Path

from salesdesk.commands import Answer, WrongUsage
from salesdesk.commands.session import Session
from salesdesk.commands.values import day_given, file_given
from salesdesk.services.exporting import KINDS, SUFFIXES
from salesdesk.text import ntr, tr


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """``export KIND --output FILE``."""
    parser.add_argument(
        "what", choices=(*KINDS, "ranking"), metavar=tr("TABLE"),
        help=", ".join((*KINDS, "ranking")),
    )  # fmt: skip
    add_output(parser, required=True)
    parser.add_argument(
        "--from", dest="first", type=day_given, metavar=tr("DATE"),
        help=tr("of the ranking: the first day (default: of this month)"),
    )  # fmt: skip
    parser.add_argument(
        "--to", dest="last", type=day_given, metavar=tr("DATE"),
        help=tr("of the ranking: the last day (default: of this month)"),
    )  # fmt: skip


def run_export(session: Session, options: argparse.Namespace) -> Answer:
    """Write a table to a file."""
    from salesdesk.services import exporting

    path = output_path(options.output, SUFFIXES)
    with session.store() as store, store.read() as r:
        if options.what == "ranking":
            from salesdesk.commands.numbers import export_ranking

            now = session.now(store.zone)
            rows = export_ranking(r, path, now, options.first, options.last)
        else:
            rows = exporting.write_sheet(path, exporting.sheet_of(r, options.what))
    return Answer(
        {"table": options.what, "output": str(path), "rows": rows},
        ntr("{n} row written to {file}.", "{n} rows written to {file}.", rows, file=path),
    )


def add_output(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """``--output``."""
    parser.add_argument(
        "--output", required=required, type=file_given, metavar=tr("FILE"),
        help=tr("the file to write; its ending says how"),
    )  # fmt: skip


def output_path(text: str, suffixes: tuple[str, ...]) -> Path:
    """The file named; another ending is wrong usage."""
    path = Path(text).absolute()
    if path.suffix.lower() not in suffixes:
        raise WrongUsage(
            tr("“{file}” must end in {endings}.", file=text, endings=tr(" or ").join(suffixes))
        )
    return path
