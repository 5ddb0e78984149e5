"""The report on how far the deals of a period came, counted in both ways."""

from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import report_parts as parts
from salesdesk.services import reports
from salesdesk.services.board import currency
from salesdesk.services.report_table import Behind, Chart, Column, Query, Report, Row, Table, Thing
from salesdesk.services.reports_funnel import born_deals
from salesdesk.text import N_, ntr, tr

_COLUMNS = (
    Column("stage", N_("Stage"), "text"),
    Column("reached", N_("Reached"), about=N_("Deals that reached this stage or a later one"),
           opens=True),
    Column("conversion_from_first", N_("From the first"), "share",
           N_("Share of the first step")),
    Column("conversion_from_previous", N_("From the one before"), "share",
           N_("Share of the step before")),
    Column("entered", N_("Entered this very stage"),
           about=N_("Deals that stood in this stage itself"), opens=True),
)  # fmt: skip


def _read(r: Reader, query: Query, *, now: int) -> Table:
    found = reports.funnel(r, query.period, now=now, pipeline_id=query.pipeline_id, **query.whose())
    colours = parts.stage_colours(r)
    rows = tuple(
        Row(
            (step.stage, step.reached, step.conversion_from_first, step.conversion_from_previous,
             step.entered),
            (found.pipeline_id, step.stage_id), colour=colours.get(step.stage_id, ""),
        )
        for step in found.steps
    )  # fmt: skip
    created = ntr("{n} deal was created", "{n} deals were created", found.created)
    how = tr("Reached: this stage or a later one, up to now; a lost deal counts as far as it came.")
    chart = Chart("bars", "stage", ("reached",),
                  beside=("conversion_from_first", "conversion_from_previous"))  # fmt: skip
    return Table(
        _COLUMNS, rows if found.created else (), currency(r), None, chart, (f"{created}. {how}",)
    )


def _behind(r: Reader, query: Query, row: tuple[Any, ...], column: str, *, now: int) -> Behind:
    found = born_deals(
        r, query.period, row[0], row[1], "entered" if column == "entered" else "reached",
        now=now, **query.whose(),
    )  # fmt: skip
    return parts.listed_as(
        found, lambda one: Thing(one.deal, about=one.stage, at=one.at, deal_id=one.deal_id)
    )


REPORT = Report(
    "funnel", N_("Funnel"),
    N_("Of the deals created in a period: how many reached each stage, and the conversion."),
    frozenset(("pipeline", "person", "team", "deals")), _read, _behind, one_pipeline=True,
)  # fmt: skip
