"""``ranking --doubtful``: the moves of a period that a team lead should look at."""

import argparse
from typing import TYPE_CHECKING

from salesdesk.commands import Answer, WrongUsage, tables
from salesdesk.commands.session import Session
from salesdesk.services.exporting import SUFFIXES, Sheet
from salesdesk.text import tr

if TYPE_CHECKING:
    from salesdesk.moments import Zone
    from salesdesk.services.doubts import Doubt

_PART = 500


def arguments(parser: argparse.ArgumentParser) -> None:
    """``--doubtful [--looked-at]``."""
    parser.add_argument(
        "--doubtful",
        action="store_true",
        help=tr("list the doubtful moves of the period instead of the ranking"),
    )
    parser.add_argument(
        "--looked-at",
        dest="looked",
        action="store_true",
        help=tr("with --doubtful: those that were looked at"),
    )


def run(session: Session, options: argparse.Namespace) -> Answer:
    """All doubtful moves of the period, page by page."""
    from salesdesk.commands.finding import find_pipeline
    from salesdesk.commands.numbers import period_of, written
    from salesdesk.commands.take import output_path
    from salesdesk.services import doubts, rights

    for name in ("explain", "weights", "team"):
        if getattr(options, name) is not None:
            raise WrongUsage(tr("--{option} does not go with --doubtful.", option=name))
    period = period_of(options)
    path = None if options.output is None else output_path(options.output, SUFFIXES)
    found: list[Doubt] = []
    with session.store() as store, store.read() as r:
        rights.require(r, session.person(store), "rulings")
        now, zone = session.now(store.zone), store.zone
        pipeline = find_pipeline(r, options.pipeline).id if options.pipeline else None
        after = None
        while True:
            page = doubts.page(
                r, period, now=now, pipeline_id=pipeline, looked=options.looked, after=after,
                limit=_PART,
            )  # fmt: skip
            found += page.doubts
            after = page.after
            if after is None:
                break
    document = doubts.as_json(period, found, zone)
    if path is None:
        return Answer(document, lambda: _text(found, zone))
    return written(path, _sheet(found, zone), document)


def _text(found: list["Doubt"], zone: "Zone") -> str:
    from salesdesk.ui import formats
    from salesdesk.ui.ranking import doubt_reasons

    if not found:
        return tr("Nothing is doubtful in these days.")
    heads = (tr("Move"), tr("Moment"), tr("Deal"), tr("Stage"), tr("Person"), tr("Points"),
             tr("Why"))  # fmt: skip
    rows = [
        (
            str(one.move_id), tables.moment(one.at, zone), one.deal, one.stage,
            one.owner or tables.NONE, formats.decimal(one.points), doubt_reasons.why(one),
        )
        for one in found
    ]  # fmt: skip
    return tables.table(heads, rows, (0, 5))


def _sheet(found: list["Doubt"], zone: "Zone") -> Sheet:
    from salesdesk.services import exporting

    heads = ("move_id", "at", "recorded_at", "deal_id", "number", "deal", "left", "stage",
             "responsible", "mover", "mover_as", "points", "reasons", "looked_by",
             "note")  # fmt: skip
    rows = [
        (
            one.move_id, zone.local(one.at).isoformat(), zone.local(one.recorded_at).isoformat(),
            one.deal_id, one.number, one.deal, one.left, one.stage, one.owner, one.mover,
            one.mover_as, one.points, " ".join(one.reasons), one.looked_by, one.note,
        )
        for one in found
    ]  # fmt: skip
    return exporting.sheet("doubtful", heads, rows)
