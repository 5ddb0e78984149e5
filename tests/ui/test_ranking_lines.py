"""Lines of the table that are kept from one state to the next are those of a table made anew."""

from dataclasses import replace
from decimal import Decimal

from salesdesk.moments import Zone
from salesdesk.services.sync.completeness import Completeness
from salesdesk.ui.ranking.model import RankingModel
from salesdesk.ui.ranking.query import Answer
from tests.ui.ranking_desk import Deals, Open, opened, story  # noqa: F401 - fixtures


def anew(model: RankingModel, answer: Answer) -> RankingModel:
    made = RankingModel()
    made.set_shown(model.shown)
    made.set_answer(answer)
    return made


def test_kept_lines_are_those_of_a_new_table(opened: Open) -> None:  # noqa: F811
    model, first = RankingModel(), opened.page.table.ranking.answer
    assert first is not None
    leader, second, *rest = first.ranking.rows
    richer = replace(leader, points=leader.points * 2 + 1)
    person = second.person_id or 0
    other = replace(second, points=second.points + 1, rank=2, rank_change=1)
    rows = (leader, second, *rest)
    states = [
        first,
        replace(first, ranking=replace(first.ranking, rows=(richer, second, *rest))),
        replace(first, ranking=replace(first.ranking, rows=(leader, other, *rest))),
        replace(first, weeks={**first.weeks, person: (Decimal(7), Decimal(9))}),
        replace(first, other=replace(first.ranking, rows=(leader, *rest))),
        replace(first, complete=Completeness(Zone("UTC"), 10, 5, {person: None})),
        replace(first, complete=Completeness(Zone("UTC"), 10)),
    ]
    assert all(state.ranking.rows[-1] is rows[-1] for state in states)
    for shown in (*states, *(one for state in states for one in (first, state))):
        model.set_answer(shown)
        assert model.lines == anew(model, shown).lines
