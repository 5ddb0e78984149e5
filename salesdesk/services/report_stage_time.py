"""The report on the time that deals spend in each stage, and on those that stand there now."""

from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import report_parts as parts
from salesdesk.services import reports
from salesdesk.services.board import currency
from salesdesk.services.report_table import Behind, Chart, Column, Query, Report, Row, Table, Thing
from salesdesk.services.reports import StageTime
from salesdesk.services.reports_time import Stay, stays
from salesdesk.text import N_, ntr, tr

_COLUMNS = (
    Column("stage", N_("Stage"), "text"),
    Column("moves_out", N_("Moves out"), about=N_("Deals that left the stage in the period"),
           opens=True),
    Column("median_days", N_("Median, days"), "days",
           N_("Half of them stood there no longer than this"), opens=True),
    Column("mean_days", N_("Mean, days"), "days", N_("The average"), opens=True),
    Column("p90_days", N_("90 %, days"), "days",
           N_("Nine of ten stood there no longer than this"), opens=True),
    Column("now_in_stage", N_("Now in stage"),
           about=N_("Deals that stand there at the end of the period"), opens=True),
)  # fmt: skip


def _read(r: Reader, query: Query, *, now: int) -> Table:
    found = reports.stage_time(
        r, query.period, now=now, pipeline_id=query.pipeline_id, **query.whose()
    )
    colours = parts.stage_colours(r)
    rows = tuple(_row(one, colours.get(one.stage_id, "")) for one in found)
    chart = Chart("bars", "stage", ("median_days",), pale="p90_days", beside=("p90_days",))
    # Stages that nothing has left and where nothing stands say nothing.
    if not any(one.moves_out or one.now_in_stage for one in found):
        rows = ()
    note = tr("Days of the stays that ended in this period with a move to another stage.")
    return Table(_COLUMNS, rows, currency(r), None, chart, (note,))


def _row(one: StageTime, colour: str) -> Row:
    cells = (
        one.stage, one.moves_out, one.median_days, one.mean_days, one.p90_days, one.now_in_stage,
    )  # fmt: skip
    return Row(cells, (one.stage_id,), colour=colour)


def _behind(r: Reader, query: Query, row: tuple[Any, ...], column: str, *, now: int) -> Behind:
    """The deals that stand there now; else the stays that ended, the longest first."""
    going_on = column == "now_in_stage"
    found = stays(r, query.period, row[0], going_on=going_on, now=now, **query.whose())
    if going_on or column == "moves_out":
        return parts.listed_as(found, _counted)
    return parts.listed_as(found, _long, "days")


def _counted(one: Stay) -> Thing:
    stood = ntr("{n} day in this stage", "{n} days in this stage", int(one.days))
    about = " · ".join(filter(None, (stood, one.person)))
    return Thing(one.deal, 1, about, one.at, one.deal_id)


def _long(one: Stay) -> Thing:
    return Thing(one.deal, one.days, one.person or "", one.at, one.deal_id)


REPORT = Report(
    "stage-time", N_("Time in stage"),
    N_("How long deals stood in each stage before they moved on, and how many stand there now."),
    frozenset(("pipeline", "person", "team", "deals")), _read, _behind, one_pipeline=True,
)  # fmt: skip
