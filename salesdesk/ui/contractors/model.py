"""The table of contractors, and how its cells are drawn."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from salesdesk.services.contractorlist import ContractorRow
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.quoting import words
from salesdesk.ui.widgets.paged import PagedModel, PagedPainter, PagedTable

COLUMNS = ("name", "services", "phone", "rating", "price", "day", "works", "late")
_WIDTHS = {"name": 180, "services": 220, "phone": 146, "rating": 84, "price": 132, "day": 108,
           "works": 78, "late": 104}  # fmt: skip
#: Columns that go first when the panel takes their room.
_WEAK = ("day", "works", "phone", "late", "services", "price")


class ContractorModel(PagedModel[ContractorRow]):
    """The lines of contractors (see ``PagedModel``)."""

    columns = COLUMNS
    right = frozenset(("rating", "price", "works", "late"))
    tips = frozenset(("name", "services"))

    def __init__(self, ask: Callable[[list[int]], object], parent: QObject) -> None:
        super().__init__(ask, parent)

    def title(self, column: str) -> str:
        return {
            "name": tr("Contractor"), "services": tr("Services"), "phone": tr("Phone"),
            "rating": tr("Rating"), "price": tr("Last price"), "day": trp("price", "Given on"),
            "works": trp("contractor", "Works"), "late": trp("contractor", "Late"),
        }[column]  # fmt: skip

    def text(self, line: ContractorRow, column: str) -> str:
        if column == "services":
            return ", ".join(line.services)
        if column == "rating":
            return f"★ {words.score(line.rating)}" if line.rating is not None else ""
        if column == "price":
            return formats.money(line.price, line.currency) if line.price is not None else ""
        if column == "day":
            return formats.day(line.day) if line.day is not None else ""
        if column == "works":
            return formats.whole(line.works) if line.works else ""
        if column == "late":
            return _late(line)
        return getattr(line, column) or ""


def _late(line: ContractorRow) -> str:
    if not line.works:
        return ""
    late, works = formats.whole(line.late), formats.whole(line.works)
    return tr("{n} of {total}", n=late, total=works) if line.late else trp("work", "on time")


class _Painter(PagedPainter[ContractorRow]):
    """What is late stands out."""

    def look(self, line: ContractorRow, column: str) -> tuple[QColor, bool]:
        now = theme.current()
        if column == "name":
            return now.text, True
        if column == "late" and line.late:
            return now.bad, False
        return now.text if column in ("price", "rating", "phone") else now.muted, False


class ContractorTable(PagedTable[ContractorRow]):
    """``opened(index)`` by Enter or a double click; a click selects (the page opens the panel)."""

    def __init__(self, model: ContractorModel, parent: QWidget | None = None) -> None:
        super().__init__("contractors-table", model, _WIDTHS, _WEAK, parent)
        self.setItemDelegate(_Painter(self))
        self.setSelectionMode(self.SelectionMode.SingleSelection)
