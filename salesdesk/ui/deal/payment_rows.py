"""What is painted of payments: the sums with their bar, and a line for each payment."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from salesdesk.services.payments import PaymentLine, PaymentSums
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.deal import payment_words as words
from salesdesk.ui.deal.task_rows import Plain
from salesdesk.ui.widgets import icons

_ROW = 28
_DOT = 9
_BAR = 4


class PaidBar(QWidget):
    """How much of the amount is paid, and what of the rest is late, as a thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self._paid, self._late = 0.0, 0.0
        self.setFixedHeight(_BAR)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_sums(self, sums: PaymentSums) -> None:
        """Show other sums; without an amount there is nothing to compare with."""
        whole = sums.paid + (sums.left or 0)
        self._paid = float(sums.paid / whole) if whole else 0.0
        self._late = min(float(sums.late / whole) if whole else 0.0, 1 - self._paid)
        self.setVisible(bool(sums.left is not None and whole))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        wide = self.width()
        self._piece(painter, 0, wide, now.track)
        if self._late:
            self._piece(painter, 0, wide * (self._paid + self._late), now.bad)
        if self._paid:
            self._piece(painter, 0, wide * self._paid, now.bar("full"))

    @staticmethod
    def _piece(painter: QPainter, left: float, wide: float, colour: QColor) -> None:
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(left, 0, max(wide, _BAR), _BAR), _BAR / 2, _BAR / 2)


class PaymentDot(Plain):
    """The state of a payment; a press marks it as paid today, or takes that back."""

    def __init__(self) -> None:
        super().__init__("")
        self._line: PaymentLine | None = None
        self.setFixedSize(16, _ROW - 4)

    def show_line(self, line: PaymentLine) -> None:
        """Stand for this payment from now on."""
        self._line = line
        self.setObjectName(f"deal-payment-{line.id}-state")
        verb = tr("Not paid after all") if line.state == "paid" else tr("Paid today")
        self.setAccessibleName(f"{verb}: {words.amount(line)}")
        self.setToolTip(f"{words.state(line)} · {verb}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(16, _ROW - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, line = theme.current(), self._line
        if line is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(0, (self.height() - 16) / 2, 16, 16)
        if self.lit() or line.state == "paid":
            colour = now.accent if self.lit() else now.good
            painter.setPen(QPen(colour, 1.2))
            painter.drawEllipse(middle.adjusted(1, 1, -1, -1))
            mark = "undo" if self.lit() and line.state == "paid" else "check"
            icons.paint(painter, mark, middle.adjusted(3.5, 3.5, -3.5, -3.5), colour)
            return
        box = QRectF(0, (self.height() - _DOT) / 2, _DOT, _DOT)
        colour = now.bad if line.state == "late" else now.faint
        painter.setPen(QPen(colour, 1.5))
        if line.state == "late":
            painter.setBrush(colour)
        painter.drawEllipse(box.adjusted(0.75, 0.75, -0.75, -0.75))


class PaymentText(Plain):
    """``372 000 ₽ · late since 20 Nov · Advance``; a press opens what can be done with it."""

    def __init__(self) -> None:
        super().__init__("")
        self._line: PaymentLine | None = None
        self._behind = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_ROW - 2)

    def show_line(self, line: PaymentLine) -> None:
        """Stand for this payment from now on."""
        self._line = line
        self._behind = " · ".join(filter(None, (words.when(line), words.about(line))))
        self.setObjectName(f"deal-payment-{line.id}-text")
        spoken = words.spoken(line)
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now, line = theme.current(), self._line
        if line is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.lit():
            painter.setPen(QPen(now.accent if self.hasFocus() else now.hover, 1))
            painter.setBrush(now.hover)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        room = self.rect().adjusted(theme.XS, 0, -theme.XS, 0)
        middle, elide = Qt.AlignmentFlag.AlignVCenter, Qt.TextElideMode.ElideRight
        painter.setFont(theme.font(theme.BODY, tabular=True))
        painter.setPen(now.muted if line.state == "paid" else now.text)
        shown = words.amount(line)
        painter.drawText(room, middle, shown)
        room.setLeft(room.left() + painter.fontMetrics().horizontalAdvance(shown) + theme.S)
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(now.bad if line.state == "late" else now.muted)
        behind = painter.fontMetrics().elidedText(self._behind, elide, max(room.width(), 0))
        painter.drawText(room, middle, behind)


class PaymentRow(QWidget):
    """The state and the text of one payment; a row made once is used again for another one."""

    def __init__(self) -> None:
        super().__init__()
        self.line: PaymentLine | None = None
        self.dot = PaymentDot()
        self.text = PaymentText()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.dot)
        row.addWidget(self.text, 1)
        self.setFixedHeight(_ROW)

    def show_line(self, line: PaymentLine) -> None:
        """Stand for this payment from now on."""
        self.line = line
        self.setObjectName(f"deal-payment-{line.id}")
        self.dot.show_line(line)
        self.text.show_line(line)

    def has_focus(self) -> bool:
        """Whether the keyboard is on this line."""
        return self.dot.hasFocus() or self.text.hasFocus()
