"""The first rows as they will be: a small board painted in one go, read aloud as a sentence."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.formats import money, whole
from salesdesk.ui.imports.trial import FirstCard, StagePreview
from salesdesk.ui.widgets import avatar

_LEAST = 168
_GAP = 10
_HEAD = 40
_CARD = 84
_FLAGS = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


class BoardPreview(QWidget):
    """Columns with their counts and first cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import-preview")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._stages: tuple[StagePreview, ...] = ()
        theme.changed.connect(self.update)

    def show_stages(self, stages: tuple[StagePreview, ...]) -> None:
        """Other columns."""
        self._stages = stages
        spoken = "; ".join(f"{stage.name}: {whole(stage.count)}" for stage in stages)
        self.setAccessibleName(tr("First rows as they will be: {stages}", stages=spoken))
        cards = max((len(stage.cards) for stage in stages), default=0)
        self.setFixedHeight(_HEAD + cards * (_CARD + theme.S))
        self.setMinimumWidth(len(stages) * (_LEAST + _GAP) - _GAP if stages else 0)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._stages:
            return
        with QPainter(self) as p:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            share = (self.width() + _GAP) / len(self._stages) - _GAP
            width = min(max(_LEAST, int(share)), 260)
            for place, stage in enumerate(self._stages):
                left = place * (width + _GAP)
                if event.rect().intersects(QRect(left, 0, width, self.height())):
                    self._column(p, left, width, stage)

    def _column(self, p: QPainter, left: int, width: int, stage: StagePreview) -> None:
        now = theme.current()
        p.fillRect(left, 0, width, 3, now.stage(stage.colour))
        head = QRect(left + theme.XS, 6, width - theme.S, _HEAD - 10)
        p.setFont(theme.font(theme.BODY, tabular=True))
        p.setPen(now.muted)
        count = whole(stage.count)
        p.drawText(head, _RIGHT, count)
        head.setRight(head.right() - p.fontMetrics().horizontalAdvance(count) - theme.S)
        p.setFont(theme.font(theme.BODY, bold=True))
        p.setPen(now.text)
        _elided(p, head, stage.name, _FLAGS)
        for row, card in enumerate(stage.cards):
            self._card(p, QRect(left, _HEAD + row * (_CARD + theme.S), width, _CARD), card)

    def _card(self, p: QPainter, rect: QRect, card: FirstCard) -> None:
        now = theme.current()
        p.setPen(QPen(now.line, 1))
        p.setBrush(now.surface)
        p.drawRoundedRect(
            QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS_CARD, theme.RADIUS_CARD
        )
        inner = rect.adjusted(theme.M - 1, theme.S, 1 - theme.M, -theme.S)
        line = inner.height() // 3
        first = QRect(inner.left(), inner.top(), inner.width(), line)
        p.setPen(now.text)
        p.setFont(theme.font(theme.BODY, bold=True))
        _elided(p, first, card.title, _FLAGS)
        second = first.translated(0, line)
        p.setFont(theme.font(theme.SECONDARY, bold=True))
        amount = money(card.amount, card.currency) if card.amount is not None else ""
        p.drawText(second, _RIGHT, amount)
        second.setRight(second.right() - p.fontMetrics().horizontalAdvance(amount) - theme.S)
        p.setFont(theme.font(theme.SECONDARY))
        p.setPen(now.muted)
        _elided(p, second, card.client, _FLAGS)
        self._foot(p, QRect(inner.left(), inner.bottom() - line + 1, inner.width(), line), card)

    def _foot(self, p: QPainter, rect: QRect, card: FirstCard) -> None:
        now = theme.current()
        size = theme.AVATAR - 2
        face = QRectF(rect.right() - size, rect.center().y() - size / 2 + 1, size, size)
        if card.owner:
            avatar.paint(p, face, card.owner, sum(map(ord, card.owner)))
        if card.days is None:
            return
        text = tr("{n} d", n=whole(card.days))
        p.setFont(theme.font(theme.SMALL))
        tint = theme.current().age("fresh")
        width = p.fontMetrics().horizontalAdvance(text) + theme.S + 2
        pill = QRectF(face.left() - theme.XS - width, face.top() + 1, width, size - 2)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(tint.background)
        p.drawRoundedRect(pill, theme.XS, theme.XS)
        p.setPen(tint.text)
        p.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), text)
        p.setPen(QPen(now.faint, 1.5))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawEllipse(QRectF(rect.left() + 1, rect.center().y() - 3, 8, 8))
        p.setPen(now.muted)
        p.setFont(theme.font(theme.SECONDARY))
        left = rect.left() + theme.L
        room = QRect(left, rect.top(), int(pill.left()) - left - theme.XS, rect.height())
        _elided(p, room, tr("No task"), _FLAGS)


def _elided(p: QPainter, rect: QRect, text: str, flags: int) -> None:
    shown = p.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    p.drawText(rect, flags, shown)
