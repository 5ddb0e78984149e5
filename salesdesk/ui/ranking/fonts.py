"""The fonts of the table, and how wide texts are in them, measured once each."""

from PySide6.QtGui import QFontMetricsF

from salesdesk.ui import theme
from salesdesk.ui.ranking.words import Cell

_KEPT = 4000


class Fonts:
    """``plain`` and ``bold`` for numbers, ``small`` for plans, ``head`` for the heads."""

    def __init__(self) -> None:
        self.plain = theme.font(theme.BODY, tabular=True)
        self.bold = theme.font(theme.BODY, bold=True, tabular=True)
        self.small = theme.font(theme.SMALL, tabular=True)
        self.head = theme.font(theme.SMALL, bold=True)
        self.named = {
            "plain": self.plain, "bold": self.bold, "small": self.small, "head": self.head,
        }  # fmt: skip
        self._metrics = {name: QFontMetricsF(font) for name, font in self.named.items()}
        #: by how much the foot of letters stands below their middle
        self.rise = {
            name: (metrics.ascent() - metrics.descent()) / 2
            for name, metrics in self._metrics.items()
        }
        self.plain_metrics = self._metrics["plain"]
        self.bold_metrics = self._metrics["bold"]
        self._widths: dict[tuple[str, str], float] = {}

    def width(self, text: str, font: str) -> float:
        """The width of a text in ``plain``, ``bold``, ``small`` or ``head``."""
        known = self._widths.get((text, font))
        if known is None:
            if len(self._widths) > _KEPT:
                self._widths.clear()
            known = self._widths[text, font] = self._metrics[font].horizontalAdvance(text)
        return known

    def cell(self, cell: Cell) -> float:
        """The width of a fact with its plan, or of what is below them."""
        wide = self.width(cell.fact, "bold")
        if cell.target:
            wide += self.width(cell.target, "small")
        return max(wide, self.width(cell.below, "small")) if cell.below else wide
