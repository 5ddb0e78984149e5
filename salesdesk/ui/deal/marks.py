"""What stands below the amount: chips about payments, and the banner of a past moment."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from salesdesk.moments import Zone
from salesdesk.services.deallinks import LinkedDeal
from salesdesk.services.dealview import DealView
from salesdesk.text import tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.deal import payment_words
from salesdesk.ui.deal.inplace import DashedPill
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label


class MarkRow(QWidget):
    """``↑ Excavator rental · Meeting held`` leads to the parent (``opened(id)``), ``Paid 30%`` and
    ``1 payment late`` to the payments; hidden without any of them."""

    opened = Signal(object)

    def __init__(self, run: Callable[[], object]) -> None:
        super().__init__()
        self._parent: LinkedDeal | None = None
        self.parent_deal = DashedPill("", "deal-mark-parent")
        self.parent_deal.clicked.connect(self._on_parent)
        self.setObjectName("deal-marks")
        self.share = Chip("", "deal-mark-paid", False, run)
        self.late = Chip("", "deal-mark-late", False, run)
        self.late.set_tone("bad")
        self._tone = ""
        flow = FlowLayout(self, 6)
        flow.setContentsMargins(theme.L, 0, theme.L, theme.XS)
        for chip in (self.parent_deal, self.share, self.late):
            flow.addWidget(chip)

    def show_deal(self, deal: DealView) -> None:
        """Show what a deal belongs to, what is paid of it and what is late."""
        self._parent = next((one for one in deal.linked if one.is_parent), None)
        if (parent := self._parent) is not None:
            who = tr("Responsible: {name}", name=parent.owner or tr("Nobody"))
            what = f"{tr('Parent deal')}: {parent.title} · {parent.pipeline} · {parent.stage}"
            self.parent_deal.set_words(f"↑ {parent.title} · {parent.stage}", f"{what}, {who}")
        self.parent_deal.setVisible(parent is not None)
        share, late = payment_words.share(deal.sums), payment_words.late_count(deal.sums)
        tone = "good" if (deal.sums.percent or 0) >= 100 else ""
        if tone != self._tone:
            self._tone = tone
            self.share.set_tone(tone)
        for chip, text in ((self.share, share), (self.late, late)):
            if text != chip.text():
                chip.set_words(text)
            chip.setVisible(bool(text))
        self.setVisible(bool(share or late or parent is not None))

    def _on_parent(self) -> None:
        if self._parent is not None:
            self.opened.emit(self._parent.id)


class PastBanner(QFrame):
    """Says that a past moment is shown, and leads back to now."""

    def __init__(self, zone: Zone, back: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("deal-past")
        self.setProperty("role", "selection")
        self._zone = zone
        self._shown: tuple[int, int] | None = None
        self.text = label("", "strong", wrap=True)
        self.button = LinkButton("", "deal-past-back", back)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.L, theme.XS, theme.S, theme.XS)
        row.setSpacing(theme.S)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.retranslate()
        self.hide()

    def show_moment(self, as_of: int | None, now: int) -> None:
        """Show which moment is looked at; hidden for now."""
        self._shown = None if as_of is None else (as_of, now)
        self.setVisible(as_of is not None)
        self._tell()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.button.set_text(tr("Back to now"))
        self.button.setToolTip(shortcuts.hint(tr("Back to now"), "Esc"))
        self._tell()

    def _tell(self) -> None:
        if self._shown is not None:
            moment = formats.moment(self._zone, *self._shown)
            self.text.setText(tr("As it was on {moment}", moment=moment))
            self.setAccessibleName(self.text.text())
