"""What a deal is linked with: its parent and its children, two lines each; a press opens one."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.services.deallinks import LinkedDeal, Profit
from salesdesk.services.dealview import DealView
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal import words
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.state_rows import Plain, paint_cut

_HEIGHT, _DOT, _AVATAR, _INSET = 44, 9, 20, 20
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LinkedRow(Plain):
    """``Delivery to Ufa`` with its price; below it pipeline, stage and days, who has it, and in red
    how many of its tasks are overdue."""

    def __init__(self) -> None:
        super().__init__("")
        self.linked: LinkedDeal | None = None
        self._where = self._late = self._price = ""
        self._same = False
        self.setFixedHeight(_HEIGHT)

    def show_linked(self, linked: LinkedDeal, days: int | None, other: str) -> None:
        """Stand for another deal; ``days`` since it entered its stage. One that is called as the
        ``other`` deal, which is shown already, goes by its pipeline."""
        self.linked = linked
        self._same = linked.title == other
        self.setObjectName(f"deal-linked-{linked.id}")
        stay = "" if days is None or linked.kind != "open" else words.days(days)
        places = (linked.stage,) if self._same else (linked.pipeline, linked.stage)
        self._where = " · ".join(filter(None, (*places, stay)))
        late = ntr("{n} overdue task", "{n} overdue tasks", linked.overdue)
        self._late = late if linked.overdue else ""
        value = linked.amount if linked.amount is not None else linked.cost
        self._price = "" if value is None else formats.money(value, linked.currency)
        what = tr("Parent deal") if linked.is_parent else tr("Child deal")
        who = tr("Responsible: {name}", name=linked.owner or tr("Nobody"))
        told = [f"{what}: {linked.title} · #{linked.number}", linked.pipeline, self._where, who]
        if linked.amount is not None:
            told.append(f"{tr('Amount')}: {formats.money(linked.amount, linked.currency)}")
        if linked.cost is not None:
            told.append(f"{tr('Cost')}: {formats.money(linked.cost, linked.currency)}")
        told += [self._late] if self._late else []
        self.setAccessibleName(", ".join(told))
        self.setToolTip("\n".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        linked = self.linked
        if linked is None:
            return
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_ground(painter)
            self._paint_dot(painter, linked)
            upper = QRect(_INSET, 3, self.width() - _INSET - theme.XS, 20)
            lower = QRect(_INSET, 22, self.width() - _INSET - theme.XS, 18)
            if linked.owner is not None:
                where = QRectF(lower.right() - _AVATAR + 1, 21, _AVATAR - 2, _AVATAR - 2)
                avatar.paint(painter, where, linked.owner, linked.owner_id or 0)
                lower.setRight(lower.right() - _AVATAR - theme.XS)
            painter.setFont(theme.font(theme.SECONDARY, bold=True, tabular=True))
            painter.setPen(now.text)
            painter.drawText(upper, _RIGHT, self._price)
            wide = painter.fontMetrics().horizontalAdvance(self._price)
            painter.setFont(theme.font(theme.SECONDARY))
            title = linked.pipeline if self._same else linked.title
            paint_cut(painter, upper, title, upper.width() - wide - theme.S)
            painter.setFont(theme.font(theme.SMALL))
            late = f" · {self._late}" if self._late else ""
            room = lower.width() - painter.fontMetrics().horizontalAdvance(late)
            painter.setPen(now.muted)
            lower.setLeft(lower.left() + paint_cut(painter, lower, self._where, room))
            painter.setPen(now.bad)
            paint_cut(painter, lower, late, lower.width())

    def _paint_dot(self, painter: QPainter, linked: LinkedDeal) -> None:
        """A disc in the colour of the stage; a ring when the deal is closed."""
        colour = theme.current().stage(linked.colour)
        box = QRectF(theme.XS, 3 + (20 - _DOT) / 2, _DOT, _DOT)
        if linked.kind == "open":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
        else:
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            box.adjust(0.75, 0.75, -0.75, -0.75)
        painter.drawEllipse(box)


class LinkedSection(QWidget):
    """The parent of the deal and its children; ``opened(id)`` when one is pressed."""

    opened = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("deal-linked")
        self._context = context
        self._key: object = None
        self.title = SectionLabel("")
        self._rows: list[LinkedRow] = []
        self.profit = label("", "muted", wrap=True)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.title)
        column.addLayout(self._lines)
        column.addWidget(self.profit)

    def show_deal(self, deal: DealView) -> None:
        """Show what the deal is linked with; hidden when there is nothing."""
        self.setVisible(bool(deal.linked))
        zone, now = self._context.store.zone, self._context.now()
        days = [
            None if one.since is None else zone.day_of(now) - zone.day_of(one.since)
            for one in deal.linked
        ]
        key = (deal.title, deal.linked, days, deal.profit, self._context.language)
        if key == self._key:
            return
        self._key = key
        self.title.set_text(tr("Linked deals"))
        for place, (linked, stay) in enumerate(zip(deal.linked, days, strict=True)):
            row = self._row(place)
            row.show_linked(linked, stay, deal.title)
            row.show()
        for row in self._rows[len(deal.linked) :]:
            row.hide()
        self.profit.setText("" if deal.profit is None else _profit(deal.profit))
        self.profit.setVisible(deal.profit is not None)

    def _row(self, place: int) -> LinkedRow:
        """The row in a place; made once, and used again for whatever stands there."""
        if place == len(self._rows):
            row = LinkedRow()
            row.clicked.connect(lambda: self._on_row(self._rows[place].linked))
            self._rows.append(row)
            self._lines.addWidget(row)
        return self._rows[place]

    def _on_row(self, linked: LinkedDeal | None) -> None:
        if linked is not None:
            self.opened.emit(linked.id)


def _profit(profit: Profit) -> str:
    """``Costs of linked deals 390 150 ₽ · gross profit 374 850 ₽``."""
    parts = [
        tr("Costs of linked deals {amount}", amount=formats.money(profit.costs, profit.currency)),
        tr("gross profit {amount}", amount=formats.money(profit.gross, profit.currency)),
    ]
    if profit.unrated:
        parts.append(tr("without {currencies}: no rate", currencies=", ".join(profit.unrated)))
    return " · ".join(parts)
