"""Bonus sheets and corrections as tables for CSV and XLSX. Without Qt."""

from decimal import Decimal

from salesdesk.services import exporting
from salesdesk.services.bonuses import BonusSheet, SheetLine, degree_percent
from salesdesk.services.closing_corrections import Correction, Value
from salesdesk.services.exporting import Cell, Sheet
from salesdesk.services.metric_names import MONEY
from salesdesk.text import tr
from salesdesk.ui import month_words as words


def bonus_sheet(sheet: BonusSheet) -> Sheet:
    """A line a person with what is to be paid, one for each correction, and the sum."""
    heads = (
        tr("Person"), tr("Team"), tr("Gross profit"), tr("Fact"), tr("Plan"), tr("Met, percent"),
        tr("Share, percent"), tr("Bonus"), tr("To pay"), tr("Why"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for line in sheet.lines:
        rows += _of_person(line, sheet)
    total = _plain(sheet.total)
    rows.append((tr("Total"), None, None, None, None, None, None, total, total, None))
    return exporting.sheet(words.sheet_name(sheet), heads, rows)


def _of_person(line: SheetLine, sheet: BonusSheet) -> list[tuple[Cell, ...]]:
    bonus = line.bonus
    met = None if bonus.degree is None else degree_percent(bonus.degree)
    share = None if bonus.step is None else bonus.step.percent
    rows: list[tuple[Cell, ...]] = [
        (line.person, line.team, _plain(bonus.gross_profit), _plain(bonus.fact), bonus.plan, met,
         share, _plain(bonus.amount), _plain(line.total),
         words.why(bonus, sheet.by, sheet.currency))
    ]  # fmt: skip
    for one in line.corrections:
        said = words.correction_why(one, sheet.currency)
        profit = one.after.gross_profit - one.before.gross_profit
        rows.append(
            (line.person, words.correction_name(one), _plain(profit), None, None, None, None,
             _plain(one.amount), None, said)
        )  # fmt: skip
    return rows


def _plain(value: Decimal) -> Decimal:
    """Two decimals, more where the number has more."""
    cents = value.quantize(Decimal("0.01"))
    return cents if cents == value else value


def _cell(one: Correction, value: Value) -> Cell:
    return _plain(value) if one.metric in MONEY and isinstance(value, Decimal) else value


def corrections_sheet(name: str, found: tuple[Correction, ...], currency: str) -> Sheet:
    """A line a correction."""
    heads = (tr("Person"), tr("What"), tr("Closed"), tr("Now"), tr("Difference"), tr("Currency"),
             tr("Why"))  # fmt: skip
    rows = [
        (one.person, words.what(one), _cell(one, one.closed), _cell(one, one.now),
         _cell(one, one.difference),
         currency if one.metric in MONEY else None,
         "; ".join(f"{entry.what()} {entry.about()}".strip() for entry in one.causes))
        for one in found
    ]  # fmt: skip
    return exporting.sheet(name, heads, rows)
