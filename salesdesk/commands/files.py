"""Workspace files: made, backed up, restored, checked."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, tables
from salesdesk.commands.session import Session
from salesdesk.commands.values import country_given, currency_given, file_given, zone_given
from salesdesk.errors import SalesDeskError
from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.services.template_names import TEMPLATES
from salesdesk.text import N_, language, ntr, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Store
    from salesdesk.services.invariants import Finding

_YEAR = 366 * DAY_SECONDS * SECOND


class CheckFailed(SalesDeskError):
    """The check found something."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(N_("The check found faults"), message, **values)


# -- init -----------------------------------------------------------------------------------------


def init_arguments(parser: argparse.ArgumentParser) -> None:
    """``init --template NAME [--timezone] [--currency] [--country] [--demo-data]``."""
    parser.add_argument(
        "--template",
        required=True,
        choices=tuple(TEMPLATES),
        help=tr("what the workspace begins with"),
    )
    parser.add_argument(
        "--timezone", type=zone_given, metavar="IANA",
        help=tr("such as Europe/Moscow (default: the machine's)"),
    )  # fmt: skip
    parser.add_argument(
        "--currency", type=currency_given, metavar="ISO",
        help=tr("such as RUB (default: the machine's country's)"),
    )  # fmt: skip
    parser.add_argument(
        "--country", type=country_given, metavar="XX",
        help=tr("whose holidays count, such as RU (default: the machine's)"),
    )  # fmt: skip
    parser.add_argument(
        "--demo-data", action="store_true", help=tr("with a year of a sample team's work")
    )


def run_init(session: Session, options: argparse.Namespace) -> Answer:
    """Make a workspace; one that exists is not touched."""
    from salesdesk.services import machine, workspaces

    path = session.chosen_path() if session.workspace else None
    if path is None:
        path = workspaces.default_folder() / f"salesdesk{workspaces.SUFFIX}"
        workspaces.make_folder(path.parent)
    workspaces.refuse_cloud(path)
    own = _settings_of(options)
    store = _made(session, path, options, own)
    with store:
        summary = _summary(store, options.demo_data)
    try:
        machine.remember_opened(path, workspaces.backup_folder(path))
    except OSError as error:
        session.note(tr("This machine cannot remember the workspace: {reason}.", reason=error))
    document = {"workspace": str(path), "template": options.template, **own, **summary}
    lines = [
        tr("Made {file}.", file=path),
        tr("Time zone {zone}, currency {currency}, country {country}.",
           zone=own["timezone"], currency=own["currency"], country=own["country"] or tables.NONE),
    ]  # fmt: skip
    if options.demo_data:
        lines.append(ntr("{n} deal of a sample team.", "{n} deals of a sample team.",
                         summary["deals"]))  # fmt: skip
    return Answer(document, "\n".join(lines))


def _settings_of(options: argparse.Namespace) -> dict[str, str]:
    from salesdesk.services import machine_locale

    guess = machine_locale.guess(options.country or None)
    zone, currency = options.timezone or guess.zone, options.currency or guess.currency
    return {"timezone": zone, "currency": currency, "country": guess.country}


def _made(
    session: Session, path: Path, options: argparse.Namespace, own: dict[str, str]
) -> "Store":
    from salesdesk.moments import Zone
    from salesdesk.services import templates

    now = session.now(Zone(own["timezone"]))
    begin = now - _YEAR if options.demo_data else now
    store = templates.make_workspace(
        path, options.template,
        zone=own["timezone"], currency=own["currency"], country=own["country"],
        language=language(), now=begin, origin="cli",
    )  # fmt: skip
    if options.demo_data:
        _play(store, now)
    return store


def _play(store: "Store", now: int) -> None:
    """The sample team's year; when it does not succeed, no file is left behind."""
    from salesdesk.services import story

    try:
        story.tell(store, now=now, language=language())
    except BaseException:
        path = store.path
        store.close()
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise


def _summary(store: "Store", demo: bool) -> dict[str, Any]:
    with store.read() as r:
        names = [row[0] for row in r.rows("SELECT name FROM pipeline ORDER BY position, id")]
        return {"pipelines": names, "deals": r.value("SELECT count(*) FROM deal") if demo else 0}


# -- backup and restore ---------------------------------------------------------------------------


def backup_arguments(parser: argparse.ArgumentParser) -> None:
    """``backup [--output FILE]``."""
    parser.add_argument(
        "--output",
        type=file_given,
        metavar=tr("FILE"),
        help=tr("where to (default: beside the other backups)"),
    )


def run_backup(session: Session, options: argparse.Namespace) -> Answer:
    """A verified backup."""
    from salesdesk.services import workspaces

    output = None if options.output is None else Path(options.output).absolute()
    path = session.path()
    if output is not None and output == path:
        raise SalesDeskError(
            N_("No backup was made"), N_("A workspace cannot be its own backup: name another file.")
        )
    with session.store() as store:
        made = workspaces.back_up(path, session.now(store.zone), output)
    removed = [str(file) for file in (*made.thinned, *made.for_room)]
    lines = [tr("Backup {file}: {rows} rows, verified.", file=made.path,
                rows=tables.count(made.rows))]  # fmt: skip
    if made.for_room:
        lines.append(ntr("{n} older backup went to leave room on the disk.",
                         "{n} older backups went to leave room on the disk.",
                         len(made.for_room)))  # fmt: skip
    document = {"backup": str(made.path), "size": made.size, "rows": made.rows, "removed": removed}
    return Answer(document, "\n".join(lines))


def restore_arguments(parser: argparse.ArgumentParser) -> None:
    """``restore FILE``."""
    parser.add_argument(
        "file", type=file_given, metavar=tr("FILE"), help=tr("a backup, or a copy of a workspace")
    )


def run_restore(session: Session, options: argparse.Namespace) -> Answer:
    """Put a backup in the place of the workspace; what was there is kept beside it."""
    from salesdesk.services import workspaces

    path = session.path()
    restored = workspaces.restore(Path(options.file).absolute(), path, session.now())
    kept = None if restored.kept is None else str(restored.kept)
    lines = [tr("Restored {file}: {rows} rows.", file=path, rows=tables.count(restored.rows))]
    if kept is not None:
        lines.append(tr("What was there is kept as {file}.", file=kept))
    return Answer({"workspace": str(path), "kept": kept, "rows": restored.rows}, "\n".join(lines))


# -- check ----------------------------------------------------------------------------------------


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """``check [--rebuild]``."""
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help=tr("derive everything anew from the facts, compare, and keep the new if it differs"),
    )


def run_check(session: Session, options: argparse.Namespace) -> Answer:
    """The file's checksums and structure, what must always hold, and (asked for) a rebuild."""
    from salesdesk.services import invariants, workspaces

    path = session.path()
    checked = workspaces.check_file(path)
    findings: list[Finding] = []
    differences: dict[str, int] | None = None
    if checked.sound:
        with session.store() as store:
            with store.read() as r:
                findings = invariants.check(r, unfinished_is_fault=True)
            if options.rebuild:
                now = session.now(store.zone)
                differences = invariants.rebuild(store, person=session.person(store), now=now)
    document: dict[str, Any] = {
        "workspace": str(path),
        "ok": checked.sound and not findings and not any((differences or {}).values()),
        "file": list(checked.faults),
        "invariants": [{"name": one.name, "problem": one.text()} for one in findings],
    }
    if options.rebuild:
        document["rebuild"] = differences
    lines = [*checked.faults, *(one.text() for one in findings), *_rebuild_lines(differences)]
    return Answer(document, "\n".join(lines) or tr("Everything is in order."),
                  _failure(path, checked.sound, findings, differences))  # fmt: skip


def _rebuild_lines(differences: dict[str, int] | None) -> list[str]:
    if differences is None:
        return []
    if not any(differences.values()):
        return [tr("All derived numbers equal those of a rebuild.")]
    return [
        ntr("{table}: {n} row differed and was derived anew.",
            "{table}: {n} rows differed and were derived anew.", n, table=table)
        for table, n in differences.items()
        if n
    ]  # fmt: skip


def _failure(
    path: Path, sound: bool, findings: list["Finding"], differences: dict[str, int] | None
) -> SalesDeskError | None:
    if not sound:
        return CheckFailed(
            N_("{name} is damaged; nothing was changed. Restore a backup."), name=path.name
        )
    if any((differences or {}).values()):
        return CheckFailed(
            N_("Derived numbers differed from what the facts say; they were derived anew.")
        )
    if findings:
        return CheckFailed(
            N_("{n} things are not as they must be; salesdesk check --rebuild derives them anew."),
            n=len(findings),
        )
    return None
