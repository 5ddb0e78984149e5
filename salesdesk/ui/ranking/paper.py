"""The ranking on paper: a dated A4 page in landscape, letters as letters, more pages for many."""

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from salesdesk.moments import Zone
from salesdesk.text import tr
from salesdesk.ui import formats, saving, startup, theme
from salesdesk.ui.ranking.columns import BASIC
from salesdesk.ui.ranking.drawing import ChartsDrawing, TableDrawing
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.period import days_text

_DOTS_AN_INCH = 300
_MARGIN_MM = 10
#: The width of the page as everything is placed in it: the wider, the smaller the letters are.
_WIDTH, _WIDTH_OF_MANY, _WIDEST = 1120, 1280, 1520
_TITLE, _FOOT = 44, 26
_CHART_LEAST, _CHART_MOST = 160, 330


def save(
    answer: Answer, about: Sequence[str], output: Path, zone: Zone, now: int, *,
    columns: Sequence[str] = BASIC, without_red: bool = False,
) -> int:  # fmt: skip
    """Write the ranking as a PDF; the number of its pages.

    ``about`` says what it is limited to (a team, a pipeline); the date of ``now`` stands on every
    page. ``without_red``: what is above a norm is left out. Needs no window. Raises SalesDeskError
    when the file cannot be written.
    """
    startup.application(offscreen_instead=True)
    saving.must_be_writable(output)
    writer = QPdfWriter(str(output))
    writer.setResolution(_DOTS_AN_INCH)
    writer.setTitle(f"{tr('Ranking')} {_days(answer)}")
    writer.setCreator("SalesDesk")
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape, margins,
            QPageLayout.Unit.Millimeter,
        )
    )  # fmt: skip
    painter = QPainter()
    if not painter.begin(writer):
        raise saving.not_saved(output)
    try:
        table = TableDrawing(answer, _WIDTH, theme.light(), columns=columns,
                             without_red=without_red)  # fmt: skip
        table.fit_to(_width(table, writer.width() / writer.height()))
        sheet = _Sheet(painter, writer, table, answer, about)
        pages = sheet.draw(formats.moment(zone, now, 0))
    finally:
        ended = painter.end()
    if not ended:
        raise saving.not_saved(output)
    return pages


def _width(table: TableDrawing, shape: float) -> int:
    """So wide that everybody comes on one page, if letters stay large enough; ``shape`` is that of
    the page, its width by its height."""
    needed = math.ceil((_TITLE + _FOOT + table.height()) * shape)
    return max(needed, _WIDTH) if needed <= _WIDEST else _WIDTH_OF_MANY


def _days(answer: Answer) -> str:
    period = answer.ranking.period
    return days_text(period.first_day, period.last_day)


class _Sheet:
    """The pages, one after another; each repeats the title and the heads."""

    def __init__(
        self, painter: QPainter, writer: QPdfWriter, table: TableDrawing, answer: Answer,
        about: Sequence[str],
    ) -> None:  # fmt: skip
        self._painter, self._writer = painter, writer
        self._table, self._answer, self._about = table, answer, about
        self._scale = writer.width() / table.width
        self._height = writer.height() / self._scale

    def pages(self) -> list[tuple[int, int]]:
        """The first row and the one after the last of each page; the sum stands on the last, never
        alone."""
        room = self._height - _TITLE - _FOOT - self._table.height(0, 0)
        fits = max(int(room // self._table.row), 2)
        found, first, lines = [], 0, self._table.lines
        while lines - first > fits:
            after = first + fits
            if lines - after == 1:
                after -= 1
            found.append((first, after))
            first = after
        return [*found, (first, lines)]

    def draw(self, made: str) -> int:
        """Draw them all; how many there were."""
        pages = self.pages()
        for at, (first, after) in enumerate(pages):
            if at:
                self._writer.newPage()
            self._painter.save()
            self._painter.scale(self._scale, self._scale)
            self._title()
            self._foot(made, at + 1, len(pages))
            self._painter.translate(0, _TITLE)
            if self._table.lines:
                self._table.paint(self._painter, first, after)
                self._charts(self._table.height(first, after), at == len(pages) - 1)
            self._painter.restore()
        return len(pages)

    def _charts(self, top: float, last: bool) -> None:
        """The charts where the last page has room for them."""
        left = self._height - _TITLE - _FOOT - top - theme.M
        if last and left >= _CHART_LEAST:
            self._painter.save()
            self._painter.translate(0, top + theme.M)
            size = QSizeF(self._table.width, min(left, _CHART_MOST))
            ChartsDrawing(self._answer, size, theme.light()).paint(self._painter)
            self._painter.restore()

    def _title(self) -> None:
        look, painter = theme.light(), self._painter
        painter.setFont(theme.font(theme.BIG, bold=True))
        painter.setPen(look.text)
        title = tr("Ranking")
        painter.drawText(QPointF(0, theme.BIG + 2), title)
        left = painter.fontMetrics().horizontalAdvance(title) + theme.M
        parts = [_days(self._answer), *self._about]
        other = self._answer.other
        if other is not None:
            days = days_text(other.period.first_day, other.period.last_day)
            parts.append(tr("vs {days}", days=days))
        if not self._answer.ranking.rows:
            parts.append(tr("Nobody has a number in this period."))
        painter.setFont(theme.font(theme.TITLE))
        painter.setPen(look.muted)
        painter.drawText(QPointF(left, theme.BIG + 2), " · ".join(parts))

    def _foot(self, made: str, page: int, pages: int) -> None:
        look, painter = theme.light(), self._painter
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(look.muted)
        foot = self._height - theme.XS
        painter.drawText(QPointF(0, foot), tr("As of {moment}", moment=made))
        said = tr("Page {n} of {all}", n=page, all=pages)
        wide = painter.fontMetrics().horizontalAdvance(said)
        painter.drawText(QPointF(self._table.width - wide, foot), said)
