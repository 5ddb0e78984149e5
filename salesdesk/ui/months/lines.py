"""Corrections, bonuses and doubts as lines of a list."""

from salesdesk.moments import Zone
from salesdesk.services.bonuses import BonusSheet, SheetLine
from salesdesk.services.closing import Doubt
from salesdesk.services.closing_corrections import Correction
from salesdesk.services.ranking_rows import RankingRow
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui import month_words as words
from salesdesk.ui.widgets.lines import LineItem


def of_correction(one: Correction, zone: Zone, now: int, currency: str) -> LineItem:
    """Whose number, from what to what, and why."""
    before = words.number(one.metric, one.closed, currency)
    after = words.number(one.metric, one.now, currency)
    said = [f"{before} → {after}", words.causes(one, zone, now), words.taken(one, currency)]
    number = words.signed(one.metric, one.difference, currency)
    return LineItem(
        f"{one.person} ·" if one.person else "", words.what(one), " · ".join(filter(None, said)),
        number, person=one.person_id if one.person_id is not None else -1,
        initials=one.person or "–", quiet=not one.left and one.taken is not None, source=one,
    )  # fmt: skip


def of_bonus(line: SheetLine, sheet: BonusSheet) -> list[LineItem]:
    """What is to be paid to a person; where corrections of earlier months change it, the bonus of
    the month itself and each of them below."""
    person, currency = line.person_id, sheet.currency
    why = words.why(line.bonus, sheet.by, currency)
    own, due = words.money(line.bonus.amount, currency), words.money(line.total, currency)
    if any(one.corrections for one in sheet.lines):
        due = tr("To pay {sum}", sum=due)
    if not line.corrections:
        return [LineItem(line.person, below=why, number=due, person=person, source=person)]
    return [
        LineItem(line.person, below=words.paid(line, currency), number=due, person=person,
                 source=person),
        LineItem(words.own_name(sheet), below=why, number=own, source=person, quiet=True),
        *(
            LineItem(
                words.correction_name(one), below=words.correction_why(one, currency),
                number=words.signed("revenue", one.amount, currency), source=one.month,
                quiet=True,
            )
            for one in line.corrections
        ),
    ]  # fmt: skip


def of_row(row: RankingRow, currency: str) -> LineItem:
    """A row of the ranking as it will be kept."""
    said = [
        tr("Deals won: {n}", n=formats.whole(row.won)),
        tr("Revenue: {sum}", sum=words.money(row.revenue, currency)),
        tr("Gross profit: {sum}", sum=words.money(row.gross_profit, currency)),
    ]
    points = words.number("points", row.points, currency)
    return LineItem(
        f"{row.rank}. {row.person}", below=" · ".join(said),
        number=tr("{n} points", n=points), person=row.person_id,
        initials=row.person, source=row.person_id,
    )  # fmt: skip


def of_doubt(one: Doubt) -> LineItem:
    """What is still doubtful, and about what."""
    return LineItem(words.doubt(one), below=words.doubt_names(one), source=one)
