"""The whole configuration as one readable file."""

import argparse
import sys
from pathlib import Path

from salesdesk.commands import Answer, add_json
from salesdesk.commands.session import Session
from salesdesk.commands.values import file_given
from salesdesk.errors import Invalid, Reason, SalesDeskError
from salesdesk.text import N_, ntr, tr

_MOST_BYTES = 20_000_000


def config_arguments(parser: argparse.ArgumentParser) -> None:
    """``config export|import FILE``."""
    group = parser.add_subparsers(dest="action", required=True, metavar="export|import")
    out = group.add_parser(
        "export", help=tr("write the configuration to a file"), allow_abbrev=False
    )
    out.add_argument(
        "file", nargs="?", type=file_given, metavar=tr("FILE"),
        help=tr("a TOML file (or print it)"),
    )  # fmt: skip
    into = group.add_parser("import", help=tr("read the configuration"), allow_abbrev=False)
    into.add_argument(
        "file", type=file_given, metavar=tr("FILE"),
        help=tr("a TOML file, or - for standard input"),
    )  # fmt: skip
    into.add_argument("--by", metavar=tr("PERSON"), help=tr("who does it"))
    for sub in (out, into):
        add_json(sub)


def run_config(session: Session, options: argparse.Namespace) -> Answer:
    """Out or in."""
    return _export(session, options) if options.action == "export" else _import(session, options)


def _export(session: Session, options: argparse.Namespace) -> Answer:
    from salesdesk.services import configuration

    with session.store() as store, store.read() as r:
        content = configuration.export_configuration(r)
    if options.file in (None, "-"):
        return Answer({"configuration": content}, content)
    path = Path(options.file).absolute()
    from salesdesk.services.exporting import written_whole

    with written_whole(path) as part:
        part.write_text(content, encoding="utf-8", newline="\n")
    return Answer({"output": str(path)}, tr("Written to {file}.", file=path))


def _import(session: Session, options: argparse.Namespace) -> Answer:
    from salesdesk.services import configuration

    content = _read(options.file)
    with session.store() as store:
        done = configuration.import_configuration(
            store, content, person=session.person(store, options.by), now=session.now(store.zone)
        )
    total = sum(done.changed.values())
    return Answer(
        {"command_id": done.command_id, "changed": done.changed},
        ntr("{n} record of the configuration changed.", "{n} records of the configuration changed.",
            total) if total else tr("Nothing in it differs; nothing was changed."),
    )  # fmt: skip


def _read(name: str) -> str:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SalesDeskError(
            N_("The file cannot be read"),
            N_("{file} cannot be read: {reason}; nothing was changed."),
            file=name,
            reason=Reason(error),
        ) from error
    if len(raw) > _MOST_BYTES:
        raise Invalid(
            N_("{file} is too large for a configuration; nothing was changed."), file=name
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(N_("{file} is not UTF-8 text; nothing was changed."), file=name) from error
