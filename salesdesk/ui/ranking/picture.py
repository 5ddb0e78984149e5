"""The ranking as a picture, drawn in memory: title, table, and the charts below."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QImage, QPainter

from salesdesk.text import tr
from salesdesk.ui import saving, startup
from salesdesk.ui import theme as themes
from salesdesk.ui.ranking.drawing import ChartsDrawing, TableDrawing
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.widgets.period import days_text

_WIDTH = 1440
_CHARTS = 300
_TITLE = 40
Mode = Literal["light", "dark"]


def draw(answer: Answer, about: Sequence[str], theme: Mode, *, without_red: bool) -> QImage:
    """The ranking as a picture 1440 pixels wide and as high as it has rows.

    ``about`` says what it was limited to (a team, a pipeline). ``without_red``: what is above a
    norm is left out. Needs no window and leaves the theme on the screen as it is; where there is
    no screen either, one in memory takes its place.
    """
    startup.application(offscreen_instead=True)
    look = themes.dark() if theme == "dark" else themes.light()
    inside = _WIDTH - 2 * themes.L
    table = TableDrawing(answer, inside, look, without_red=without_red)
    width = table.width + 2 * themes.L
    top = themes.L + _TITLE
    below = top + table.height() + themes.M
    height = below + _CHARTS + themes.L if table.lines else top + _TITLE
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(look.background)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        _title(painter, answer, about, look)
        if table.lines:
            painter.translate(themes.L, top)
            table.paint(painter)
            painter.translate(0, below - top)
            ChartsDrawing(answer, QSizeF(table.width, _CHARTS), look).paint(painter)
    return image


def _title(painter: QPainter, answer: Answer, about: Sequence[str], look: themes.Theme) -> None:
    period = answer.ranking.period
    foot = themes.L + themes.HEADING
    painter.setFont(themes.font(themes.HEADING, bold=True))
    painter.setPen(look.text)
    title = tr("Ranking")
    painter.drawText(QPointF(themes.L, foot), title)
    left = themes.L + painter.fontMetrics().horizontalAdvance(title) + themes.M
    painter.setFont(themes.font(themes.BODY))
    painter.setPen(look.muted)
    said = " · ".join([days_text(period.first_day, period.last_day), *about])
    if not answer.ranking.rows:
        said += " · " + tr("Nobody has a number in this period.")
    painter.drawText(QPointF(left, foot), said)


def save(
    answer: Answer, about: Sequence[str], output: Path, mode: Mode = "light", *,
    without_red: bool = False,
) -> None:  # fmt: skip
    """Draw the ranking into a file; ``about`` says what it was limited to (a team, a pipeline).

    Raises SalesDeskError when the file cannot be written.
    """
    saving.must_be_writable(output)
    if not draw(answer, about, mode, without_red=without_red).save(str(output)):
        raise saving.not_saved(output)
