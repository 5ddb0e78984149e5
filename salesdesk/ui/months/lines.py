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
    """A person's bonus, then what corrections of earlier months add."""
    amount = formats.money(line.bonus.amount, sheet.currency)
    why = words.why(line.bonus, sheet.by, sheet.currency)
    person = line.person_id
    return [
        LineItem(line.person, below=why, number=amount, person=person, source=person),
        *(
            LineItem(
                words.correction_name(one), below=words.correction_why(one, sheet.currency),
                number=words.signed("revenue", one.amount, sheet.currency), source=one.month,
                quiet=True,
            )
            for one in line.corrections
        ),
    ]  # fmt: skip


def of_row(row: RankingRow, currency: str) -> LineItem:
    """A row of the ranking as it will be kept."""
    said = [
        tr("Deals won: {n}", n=formats.whole(row.won)),
        tr("Revenue: {sum}", sum=formats.money(row.revenue, currency)),
        tr("Gross profit: {sum}", sum=formats.money(row.gross_profit, currency)),
    ]
    return LineItem(
        f"{row.rank}. {row.person}", below=" · ".join(said),
        number=tr("{n} points", n=formats.decimal(row.points)), person=row.person_id,
        initials=row.person, source=row.person_id,
    )  # fmt: skip


def of_doubt(one: Doubt) -> LineItem:
    """What is still doubtful, and about what."""
    return LineItem(words.doubt(one), below=words.doubt_names(one), source=one)
