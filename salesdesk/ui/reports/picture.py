"""A report as a picture, drawn off the screen in the theme of now: title, chart, table, notes."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.moments import Zone
from salesdesk.services.report_table import Table
from salesdesk.text import N_, ntr
from salesdesk.ui import theme
from salesdesk.ui.reports.cells import Wording
from salesdesk.ui.reports.draw import ChartCard
from salesdesk.ui.reports.drawing import drawing
from salesdesk.ui.reports.files import Shown
from salesdesk.ui.reports.grid import ROW, GridView
from salesdesk.ui.widgets.labels import Card, label

_WIDTH, _CHART = 1280, 300
_WIDEST = 4000
#: Rows that a picture has room for; the rest is told below.
MOST_ROWS = 100


class Picture(QWidget):
    """As high as it has rows, as wide as they need."""

    def __init__(self, shown: Shown, zone: Zone, now: int) -> None:
        super().__init__()
        self.setObjectName("reports-picture")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        table, left_out = _cut(shown)
        words = Wording(table, zone, now)
        self.table = GridView("reports-picture-table")
        self.table.set_table(table, words, opens=False)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.clearSelection()
        for policy in (self.table.setHorizontalScrollBarPolicy,
                       self.table.setVerticalScrollBarPolicy):  # fmt: skip
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.chart = ChartCard()
        card = Card("", 0)
        card.body.setContentsMargins(1, 1, 1, 1)
        card.body.addWidget(self.table)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        self._column.setSpacing(theme.M)
        self._column.addWidget(label(shown.title, "heading"))
        said = " · ".join(words for _, words in shown.lines[2:-1])
        self._column.addWidget(label(said, "muted", wrap=True))
        self._column.addWidget(self.chart)
        self._column.addWidget(card)
        notes = [*table.notes, *([left_out] if left_out else [])]
        if notes:
            self._column.addWidget(label("\n".join(notes), "muted", wrap=True))
        made = drawing(table, words)
        self.chart.setVisible(made is not None)
        if made is not None:
            self.chart.legend.hidden = set(shown.hidden)
            self.chart.set_drawing(made, shown.title)
        self._fit()

    def _fit(self) -> None:
        """The room that the rows and the columns need."""
        need = self.table.natural_width() + 2 * theme.L + 4
        self.setFixedWidth(min(max(need, _WIDTH), _WIDEST))
        self.table.resize(self.width() - 2 * theme.L - 2, ROW)
        self.table.fit()
        self.table.setFixedHeight(self.table.head.high + ROW * self.table.model_of.rowCount())
        if self.chart.isVisibleTo(self):
            self.chart.setFixedHeight(
                min(self.chart.full_height(self.width() - 2 * theme.L), _CHART * 2)
            )
        self._column.activate()
        self.setFixedHeight(self._column.totalHeightForWidth(self.width()))


def _cut(shown: Shown) -> tuple[Table, str]:
    """As many rows as a picture has room for, and a sentence on the others."""
    table, more = shown.table, len(shown.table.rows) - MOST_ROWS
    if more <= 0:
        return table, ""
    said = ntr("{n} more row is in the table", "{n} more rows are in the table", more)
    return replace(table, rows=table.rows[:MOST_ROWS]), said


def drawn(shown: Shown, zone: Zone, now: int) -> QPixmap:
    """The picture, twice as fine as a plain screen shows it."""
    picture = Picture(shown, zone, now)
    picture.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    picture.show()
    QApplication.sendPostedEvents()
    picture.table.fit()
    found = QPixmap(picture.size() * 2)
    found.setDevicePixelRatio(2)
    found.fill(theme.current().background)
    with QPainter(found) as painter:
        picture.render(painter, QPoint())
    picture.close()
    picture.deleteLater()
    return found


def save(shown: Shown, zone: Zone, now: int, path: Path) -> None:
    """Write the picture; raises SalesDeskError when the file cannot be written."""
    if not drawn(shown, zone, now).save(str(path)):
        raise SalesDeskError(
            N_("The picture was not saved"),
            N_("{file} cannot be written; nothing was changed."),
            file=str(path),
        )
