"""What is painted of payments: the sums with their bar, and a line for each payment."""

from decimal import Decimal

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from salesdesk.services.chainmoney import ChainMoney
from salesdesk.services.payments import PaymentLine, PaymentSums
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.deal import payment_words as words
from salesdesk.ui.widgets.state_rows import ROW, Mark, Piece, StateRow, paint_cut

_BAR = 4


def paint_bar(painter: QPainter, where: QRectF, paid: Decimal, late: Decimal, of: Decimal) -> None:
    """How much of a sum is paid, and what of the rest is late."""
    now = theme.current()
    whole = float(of) or 1.0
    done = min(float(paid) / whole, 1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    for share, colour in (
        (1.0, now.track), (min(done + float(late) / whole, 1.0) if late else 0.0, now.bad),
        (done, now.bar("full")),
    ):  # fmt: skip
        if share:
            piece = QRectF(where)
            piece.setWidth(max(where.width() * share, where.height()))
            painter.setBrush(colour)
            painter.drawRoundedRect(piece, where.height() / 2, where.height() / 2)


class PaidBar(QWidget):
    """How much of the amount is paid, and what of the rest is late, as a thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self._sums: PaymentSums | None = None
        self.setFixedHeight(_BAR)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_sums(self, sums: PaymentSums) -> None:
        """Show other sums; without an amount there is nothing to compare with."""
        self._sums = sums
        self.setVisible(bool(sums.left is not None and sums.paid + sums.left))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._sums is not None:
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                sums = self._sums
                whole = sums.paid + (sums.left or 0)
                paint_bar(painter, QRectF(self.rect()), sums.paid, sums.late, whole)


_LINE, _GAP = 20, 8


class ChainList(QWidget):
    """The money of the deal and its children: in, out, and by contractor; late sums in red."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("deal-chain-money")
        self._lines: list[words.FlowLine] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_chain(self, chain: ChainMoney | None, today: int) -> None:
        """Show other sums; hidden where they say no more than the deal's own."""
        self._lines = [] if chain is None else words.flows(chain, today)
        self.setVisible(bool(self._lines))
        self.setAccessibleName("; ".join(line.spoken() for line in self._lines))
        self.setToolTip("\n".join(line.spoken() for line in self._lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _GAP + sum(self._height(line) for line in self._lines))

    @staticmethod
    def _height(line: words.FlowLine) -> int:
        bar = _BAR + 2 if line.flow is not None else 0
        return _LINE + bar + (_LINE - 3 if line.late else 0) + (_GAP if line.flow else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            top = _GAP
            for line in self._lines:
                self._paint_line(painter, line, top)
                top += self._height(line)

    def _paint_line(self, painter: QPainter, line: words.FlowLine, top: int) -> None:
        now = theme.current()
        inset = 0 if line.flow is not None else theme.M
        room = QRect(inset, top, self.width() - inset, _LINE)
        tabular = theme.font(theme.SECONDARY, tabular=True)
        wide = QFontMetrics(tabular).horizontalAdvance(line.sums)
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(now.text if line.flow is not None else now.muted)
        paint_cut(painter, room, line.name, room.width() - wide - theme.S)
        painter.setFont(tabular)
        painter.setPen(now.text)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, right, line.sums)
        below = top + _LINE
        if line.flow is not None:
            bar = QRectF(0, below, self.width(), _BAR)
            paint_bar(painter, bar, line.flow.paid, line.flow.late, line.flow.whole)
            below += _BAR + 2
        if line.late:
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(now.bad)
            room = QRect(inset, below, self.width() - inset, _LINE - 3)
            paint_cut(painter, room, line.late, room.width())


class PaymentRow(StateRow):
    """``372 000 ₽ · late since 20 Nov · Advance``: a press on the mark pays it (or takes that
    back), one on the text opens what can be done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.payment: PaymentLine | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.line)
        self.setFixedHeight(ROW)

    def show_line(self, line: PaymentLine, today: int) -> None:
        """Stand for this payment from now on."""
        self.payment = line
        name = f"deal-payment-{line.id}"
        self.setObjectName(name)
        verb = tr("Not paid after all") if line.state == "paid" else tr("Paid today")
        self.dot.show_mark(
            _mark(line), f"{name}-state", verb, words.amount(line), words.state(line)
        )
        behind = "  " + " · ".join(filter(None, (words.when(line, today), words.about(line))))
        spoken = words.spoken(line, today)
        self.text.show_pieces(
            f"{name}-text",
            Piece(words.amount(line), lambda now: now.muted if line.state == "paid" else now.text),
            Piece(behind, lambda now: now.bad if line.state == "late" else now.muted),
            theme.font(theme.BODY, tabular=True),
            spoken,
            spoken,
        )


def _mark(line: PaymentLine) -> Mark:
    if line.state == "paid":
        return Mark("check", lambda now: now.good, undoes=True)
    if line.state == "late":
        return Mark("disc", lambda now: now.bad)
    return Mark("ring", lambda now: now.faint)
