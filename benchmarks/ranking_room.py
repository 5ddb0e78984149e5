"""The ranking as it is shown: with all columns, compared, its chart, its picture, its page."""

import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.clock import DAY, NOW
from benchmarks.figures import Figure, median, timed
from salesdesk.models.store import Store
from salesdesk.services.periods import Period, of_month, of_quarter, of_year
from salesdesk.ui.ranking.query import Answer, Asked

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_READ, _SHOWN, _LINES, _PICTURE = 50.0, 100.0, 50.0, 500.0
_TIMES = 9


def figures(large: Path, small: Path) -> list[Figure]:
    """Periods of the workspace of 200 people; chart, picture and page of that of 20."""
    from salesdesk.ui import startup, theme

    application = startup.application(offscreen_instead=True)
    theme.install(application, "light")
    with Store.open(large) as store:
        found = _periods(store, _people(store))
    with Store.open(small) as store:
        return [*found, *_periods(store, _people(store)), *_lines(store), *_drawn(store)]


def _people(store: Store) -> int:
    with store.read() as r:
        return int(r.rows("SELECT count(*) FROM person WHERE in_ranking = 1")[0][0])


def _answer(store: Store, asked: Asked) -> Answer:
    from salesdesk.ui.ranking import query

    with store.read() as r:
        return query.read(r, asked, now=NOW)


def _periods(store: Store, people: int) -> list[Figure]:
    """Everything the page reads for a period, and until it is painted with all columns."""
    from salesdesk.ui.ranking.columns import COLUMNS
    from salesdesk.ui.ranking.table import RankingTable

    today = store.zone.day_of(NOW)
    month = of_month(today)
    asked = {
        "month": Asked(month),
        "month, compared": Asked(month, against=month.previous()),
        "quarter": Asked(of_quarter(today)),
        "year": Asked(of_year(today)),
        "all time": Asked(Period(today - 3 * 365, today)),
    }
    other = _answer(store, Asked(month.previous().previous()))
    table = RankingTable()
    table.set_columns(COLUMNS)
    table.resize(1900, 1000)
    table.show()
    found = []
    for name, one in asked.items():
        answer = _answer(store, one)
        read = median(timed(lambda one=one: _answer(store, one), _TIMES))  # type: ignore[misc]
        shown = read + median(_shown(table, answer, other))
        found.append(Figure(f"ranking of {people}, {name}, all columns", f"{read:.1f} ms", "-",
                            f"<= {_READ:.0f} ms", read <= _READ))  # fmt: skip
        found.append(Figure(f"ranking of {people}, {name}, shown", f"{shown:.1f} ms", "-",
                            f"<= {_SHOWN:.0f} ms", shown <= _SHOWN))  # fmt: skip
    table.deleteLater()
    return found


def _shown(table: Any, answer: Answer, other: Answer) -> list[float]:
    """Milliseconds from an answer to the pixels, with another period on the screen before."""
    found = []
    for _ in range(_TIMES):
        table.set_answer(other)
        table.grab()
        found += timed(lambda: (table.set_answer(answer), table.grab()), 1)
    return found


def _lines(store: Store) -> list[Figure]:
    """The chart of a year, from the tables to the pixels, beside pandas over the raw tables."""
    from salesdesk.ui.ranking.chartdata import day_labels, person_lines
    from salesdesk.ui.ranking.plots import PointsPlot

    today = store.zone.day_of(NOW)
    answer = _answer(store, Asked(Period(today - 364, today)))
    plot = PointsPlot("benchmark-lines")
    plot.resize(780, 330)
    plot.show()
    lines = person_lines(answer)
    for line in lines:
        if not plot.legend.shown(line.person_id):
            plot.legend.toggle(line.person_id)

    def draw() -> None:
        plot.set_data(person_lines(answer), day_labels(answer), "")
        plot.grab()

    def point() -> None:
        plot.show_day(len(answer.days.days) // 2)
        plot.grab()

    plot.legend._wanted = {line.person_id: True for line in lines}
    draw()
    drawn, pointed = median(timed(draw, _TIMES)), median(timed(point, _TIMES))
    slow = pandas_points(store, NOW - 365 * DAY)
    plot.deleteLater()
    what = f"points of {len(plot.shown())} people x {len(answer.days.days)} days"
    return [
        Figure(f"{what}, drawn", f"{drawn:.1f} ms", f"{slow:.0f} ms (pandas, sums alone)",
               f"<= {_LINES:.0f} ms ({slow / drawn:.0f} x)", drawn <= _LINES),
        Figure(f"{what}, a day pointed at", f"{pointed:.1f} ms", "-", f"<= {_LINES:.0f} ms",
               pointed <= _LINES),
    ]  # fmt: skip


def _drawn(store: Store) -> list[Figure]:
    """The picture for a digest, and the page of paper."""
    from salesdesk.ui.ranking import paper, picture

    today = store.zone.day_of(NOW)
    answer = _answer(store, Asked(of_month(today)))
    people = len(answer.ranking.rows)
    drawn = median(timed(lambda: picture.draw(answer, [], "light", without_red=False), 5))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ranking.pdf"
        written = median(timed(lambda: paper.save(answer, [], path, store.zone, NOW), 5))
    return [
        Figure(f"picture of {people} people", f"{drawn:.0f} ms", "-", f"<= {_PICTURE:.0f} ms",
               drawn <= _PICTURE),
        Figure(f"page of paper of {people} people", f"{written:.0f} ms", "-",
               f"<= {_PICTURE:.0f} ms", written <= _PICTURE),
    ]  # fmt: skip


def pandas_points(store: Store, since: int) -> float:
    """Milliseconds of the running points by person and day by pandas, read from the tables."""
    import pandas as pd

    def ask() -> object:
        with store.read() as r:
            moves = pd.DataFrame(
                r.rows("SELECT deal_id, to_stage_id, at, owner_id FROM stage_move "
                       "WHERE undone = 0 AND superseded = 0"),
                columns=["deal", "stage", "at", "owner"],
            )  # fmt: skip
            points: dict[int, int] = dict(r.rows("SELECT stage_id, points FROM stage_points"))
        moves = moves.sort_values("at").drop_duplicates(["deal", "stage"])
        inside = moves[moves["at"] >= since]
        scored = inside.assign(points=inside["stage"].map(points), day=inside["at"] // DAY)
        return scored.pivot_table("points", "day", "owner", "sum", fill_value=0).cumsum()

    return median(timed(ask, 2))
