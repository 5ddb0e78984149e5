"""The ranking as a picture, drawn without a window: title, table, and the charts below."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.text import N_, tr
from salesdesk.ui import startup, theme
from salesdesk.ui.ranking.charts import Charts
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.ranking.table import RankingTable
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.period import days_text

_WIDTH = 1440
_CHARTS = 300


class Picture(QWidget):
    """As high as it has rows."""

    def __init__(self, answer: Answer, about: Sequence[str]) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("ranking-picture")
        period = answer.ranking.period
        days = days_text(period.first_day, period.last_day)
        head = QHBoxLayout()
        head.setSpacing(theme.M)
        head.addWidget(label(tr("Ranking"), "heading"))
        head.addWidget(label(" · ".join([days, *about]), "muted"), 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        self.table = RankingTable()
        card = self._card = Card("", 0)
        card.body.setContentsMargins(1, 1, 1, 1)
        card.body.addWidget(self.table)
        self.charts = Charts(_nothing, _nothing)
        self.charts.setFixedHeight(_CHARTS)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        column.setSpacing(theme.M)
        column.addLayout(head)
        column.addWidget(card)
        column.addWidget(self.charts)
        self.table.retranslate()
        self.table.set_answer(answer)
        self.charts.set_answer(answer)
        self.setFixedWidth(_WIDTH)

    def fit(self) -> None:
        """Take the room that the rows need; once it is laid out."""
        self.table.fit()
        self.table.setFixedHeight(self.table.full_height())
        for inside in (self._card.body, self._column):
            inside.invalidate()
            inside.activate()
        self.resize(_WIDTH, self._column.sizeHint().height())


def _nothing() -> None:
    """There is nobody to press a button in a picture."""


def save(
    answer: Answer, about: Sequence[str], output: Path, mode: Literal["light", "dark"] = "light"
) -> None:
    """Draw the ranking into a file; ``about`` says what it was limited to (a team, a pipeline).

    Raises SalesDeskError when the file cannot be written.
    """
    application = startup.application(offscreen_instead=True)
    theme.install(application, mode)
    picture = Picture(answer, about)
    picture.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    picture.show()
    application.processEvents()
    picture.fit()
    application.processEvents()
    saved = startup.save_picture(picture, str(output))
    picture.close()
    picture.deleteLater()
    if not saved:
        raise SalesDeskError(
            N_("The picture was not saved"),
            N_("{file} cannot be written; nothing was changed."),
            file=str(output),
        )
