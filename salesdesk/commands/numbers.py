"""The ranking of a period."""

import argparse
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, WrongUsage, doubtful, tables
from salesdesk.commands.session import Session
from salesdesk.commands.take import add_output, output_path
from salesdesk.commands.values import day_given, file_given
from salesdesk.moments import month_text
from salesdesk.services.exporting import SUFFIXES, Sheet
from salesdesk.services.metric_names import METRIC_NAMES
from salesdesk.text import tr

if TYPE_CHECKING:
    from salesdesk.models.store import Reader
    from salesdesk.moments import Zone
    from salesdesk.services.periods import Period
    from salesdesk.services.ranking import Ranking
    from salesdesk.services.ranking_explain import Explanation

#: Files that are drawn rather than written as a table.
_DRAWN = (".png", ".pdf")
_SIGNS = {"full": "●", "half": "◐", "over": "▲", "none": ""}


def period_of(options: argparse.Namespace) -> "Period":
    """The days ``--from`` to ``--to``, both included; the wrong way round is wrong usage."""
    from salesdesk.services.periods import Period

    if options.last < options.first:
        raise WrongUsage(tr("--to lies before --from"))
    return Period(options.first, options.last)


def add_period(parser: argparse.ArgumentParser) -> None:
    """``--from DATE --to DATE``."""
    for name, dest, text in (
        ("--from", "first", tr("the first day")),
        ("--to", "last", tr("the last day, included")),
    ):
        parser.add_argument(
            name, dest=dest, type=day_given, required=True, metavar=tr("DATE"), help=text
        )


# -- ranking --------------------------------------------------------------------------------------


def ranking_arguments(parser: argparse.ArgumentParser) -> None:
    """``ranking --from --to [--team --pipeline --weights --explain --output --theme]``."""
    add_period(parser)
    parser.add_argument("--team", metavar=tr("NAME"), help=tr("only this team's people"))
    parser.add_argument("--pipeline", metavar=tr("NAME"), help=tr("only this pipeline's deals"))
    parser.add_argument(
        "--weights",
        type=file_given,
        metavar="W.toml",
        help=tr("points of stages to try out instead of the saved"),
    )
    parser.add_argument(
        "--explain", metavar=tr("PERSON"), help=tr("list what this person's numbers count")
    )
    doubtful.arguments(parser)
    add_output(parser)
    parser.add_argument(
        "--theme", choices=("light", "dark"), default="light", help=tr("colours of a picture")
    )
    parser.add_argument(
        "--without-red", action="store_true",
        help=tr("leave out of a picture or a page what is above a norm"),
    )  # fmt: skip


def run_ranking(session: Session, options: argparse.Namespace) -> Answer:
    """The rows of a period, maybe with what is behind somebody's numbers."""
    if options.doubtful:
        return doubtful.run(session, options)
    if options.looked:
        raise WrongUsage(tr("{option} goes with {other} alone.", option="--looked-at",
                            other="--doubtful"))  # fmt: skip
    from salesdesk.services import people, ranking, ranking_explain

    period = period_of(options)
    path = None if options.output is None else output_path(options.output, (*SUFFIXES, *_DRAWN))
    with session.store() as store, store.read() as r:
        zone = store.zone
        now = session.now(zone)
        chosen, team = _chosen(r, options)
        answer = ranking.ranking(r, period, now=now, team_id=team, **chosen)
        explained: tuple[Explanation, ...] = ()
        if options.explain is not None:
            person = people.find_person(r, options.explain)
            explained = ranking_explain.explain_all(r, period, person.id, now=now, **chosen)
        closed_json = _closed_within(session, r, period, now)
        if path is not None and path.suffix.lower() in _DRAWN:
            _draw(r, options, period, team, chosen, now, path)
        elif path is not None:
            write_ranking(r, path, answer)
    for code in answer.unrated:
        session.note(tr("{currency} has no rate: its amounts are left out.", currency=code))
    document = ranking.as_json(answer, zone) | closed_json
    if explained:
        document |= _explained_json(explained, zone)
    if path is None:
        return Answer(
            document, lambda: _ranking_text(answer, zone, now) + _explained_text(explained, zone)
        )
    return told_written(path, document)


def _closed_within(session: Session, r: "Reader", period: "Period", now: int) -> dict[str, Any]:
    """The closed months of a longer period: it is counted anew, and those that have moved since
    they were closed are named."""
    from salesdesk.services import closing
    from salesdesk.ui import formats

    found = closing.closed_within(r, period, now=now)
    for month in [month for month, moved in found if moved]:
        session.note(
            tr("{month} is closed, and its numbers have changed since: here they are those of "
               "today.", month=formats.month(month))
        )  # fmt: skip
    return {
        "closed_months": [{"month": month_text(month), "moved": moved} for month, moved in found]
    }


def _chosen(r: "Reader", options: argparse.Namespace) -> tuple[dict[str, Any], int | None]:
    """Pipeline and points as the services take them, and the team."""
    from salesdesk.commands.finding import find_pipeline
    from salesdesk.services import people, ranking_points, ranking_setup

    chosen: dict[str, Any] = {
        "pipeline_id": find_pipeline(r, options.pipeline).id if options.pipeline else None,
        "weights": None,
    }
    if options.weights is not None:
        stages = ranking_setup.of(r).stage_names()
        chosen["weights"] = ranking_points.from_file(Path(options.weights), stages)
    return chosen, people.find_team(r, options.team).id if options.team else None


def _draw(
    r: "Reader", options: argparse.Namespace, period: "Period", team: int | None,
    chosen: dict[str, Any], now: int, path: Path,
) -> None:  # fmt: skip
    from salesdesk.ui.ranking import paper, picture, query

    asked = query.Asked(period, team, chosen["pipeline_id"])
    answer = query.weighed(r, asked, chosen["weights"], now=now)
    about = [part for part in (options.team, options.pipeline) if part]
    if path.suffix.lower() == ".pdf":
        paper.save(answer, about, path, r.zone, now, without_red=options.without_red)
    else:
        picture.save(answer, about, path, options.theme, without_red=options.without_red)


def _explained_json(explained: tuple["Explanation", ...], zone: "Zone") -> dict[str, Any]:
    """What is behind the numbers, moments in the workspace's zone."""
    from salesdesk.services import ranking_explain

    found = ranking_explain.as_json(explained)
    for number in found["numbers"].values():
        for line in number["lines"]:
            for name in {"at", "already"} & set(line):
                at = datetime.fromisoformat(line[name])
                line[name] = at.astimezone(zone.info).isoformat()
    return found


def written(path: Path, sheet: Sheet, document: dict[str, Any]) -> Answer:
    """Write a table to the file; the document is answered all the same."""
    from salesdesk.services import exporting

    exporting.write_sheet(path, sheet)
    return told_written(path, document)


def told_written(path: Path, document: dict[str, Any]) -> Answer:
    """The document, and that it was written."""
    return Answer({**document, "output": str(path)}, tr("Written to {file}.", file=path))


def export_ranking(r: "Reader", path: Path, now: int, first: int | None, last: int | None) -> int:
    """Write the ranking, without days that of the present month; how many rows."""
    from salesdesk.services import periods, ranking

    month = periods.of_month(r.zone.day_of(now))
    begin, end = first or month.first_day, last or month.last_day
    if end < begin:
        raise WrongUsage(tr("--to lies before --from"))
    return write_ranking(r, path, ranking.ranking(r, periods.Period(begin, end), now=now))


def write_ranking(r: "Reader", path: Path, answer: "Ranking") -> int:
    """Write a ranking under the names that scripts know; how many rows."""
    from salesdesk.commands.report_tables import write_keyed
    from salesdesk.services.ranking import METRICS
    from salesdesk.services.report_table import Holds, Row

    holds: dict[str, Holds] = {"rank": "count", "rank_change": "count", "person": "text",
                               "team": "text", "points": "points"}  # fmt: skip
    holds |= dict.fromkeys(METRICS, "count")
    holds |= {"revenue": "amount", "gross_profit": "amount"}
    rows = [
        Row(
            tuple(row.value(key) if key in METRICS else getattr(row, key) for key in holds),
            levels=row.levels,
        )
        for row in answer.rows
    ]
    write_keyed(r, path, "ranking", holds, rows, answer.currency)
    return len(rows)


def _ranking_text(answer: "Ranking", zone: "Zone", now: int) -> str:
    from salesdesk.services.ranking import METRICS
    from salesdesk.ui import formats

    heads = ["№", "±", tr("Person"), tr("Points"), *(tr(METRIC_NAMES[name]) for name in METRICS),
             tr("Revenue"), tr("Gross profit")]  # fmt: skip
    rows = []
    for row in (*answer.rows, answer.total):
        change = f"{row.rank_change:+d}" if row.rank_change else ""
        numbers = [
            f"{_SIGNS[row.levels.get(name, 'none')]}{tables.count(int(row.value(name)))}"
            for name in METRICS
        ]
        rows.append(
            [
                str(row.rank) if row.rank else "", change, row.person or tr("Total"),
                formats.decimal(row.points), *numbers, tables.money(row.revenue, answer.currency),
                tables.money(row.gross_profit, answer.currency),
            ]
        )  # fmt: skip
    right = (0, 1, *range(3, len(heads)))
    label = answer.period.label()
    if answer.closed is not None:
        from salesdesk.ui import month_words as words

        label = f"{label} · {words.closed(answer.closed, zone, now)}"
    return f"{label}\n\n{tables.table(heads, rows, right)}"


def _explained_text(explained: tuple["Explanation", ...], zone: "Zone") -> str:
    from salesdesk.ui import formats

    parts = []
    for number in explained:
        total = number.total
        shown = tables.count(total) if isinstance(total, int) else formats.decimal(total)
        name = tr(METRIC_NAMES[number.metric]) if number.metric in METRIC_NAMES else number.metric
        parts.append(f"\n\n{name}: {shown}")
        for line in number.lines:
            what = line.task or line.deal or tables.NONE
            if line.correction:
                changed = formats.decimal(Decimal(line.value))
                what = f"{tr('Changed since the month was closed')}: {changed}"
            mark = "" if line.counts else f" ({tr('does not count')})"
            stage = f", {line.stage}" if line.stage else ""
            parts.append(f"\n  {tables.moment(line.at, zone)}  {what}{stage}{mark}")
    return "".join(parts)
