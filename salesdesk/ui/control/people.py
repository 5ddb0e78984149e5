"""Lists of the side: the load by person, and the deals that are stuck."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QResizeEvent
from PySide6.QtWidgets import QWidget

from salesdesk.services.control import Load
from salesdesk.services.control_lists import DealRow
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.control import words
from salesdesk.ui.control.paint import pill, text_in
from salesdesk.ui.formats import whole
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.flatlist import FlatList

_BAR, _ASIDE = 7, 82
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class LoadItem:
    """A person, three numbers in words, and the parts of the bar out of ``most``.

    ``aside`` stands between the others, or beside the bar where there is no room; ``last`` alarms
    when it is not 0.
    """

    person_id: int | None
    name: str
    first: str
    last: str
    alarms: bool
    parts: tuple[tuple[str, int], ...]
    most: int
    aside: str


def load_items(loads: Sequence[Load], evening: bool) -> list[LoadItem]:
    """The loads in words; bars are drawn against the fullest."""
    parts = [_parts(load, evening) for load in loads]
    most = max((sum(n for _, n in each) for each in parts), default=0)
    return [_item(load, each, most, evening) for load, each in zip(loads, parts, strict=True)]


def _parts(load: Load, evening: bool) -> tuple[tuple[str, int], ...]:
    n = load.numbers
    if evening:
        return (("good", n.done), ("bad", n.left), ("accent", n.tomorrow))
    return (("bad", n.overdue), ("amber", n.ahead), ("accent", n.opened - n.overdue - n.ahead))


def _item(load: Load, parts: tuple[tuple[str, int], ...], most: int, evening: bool) -> LoadItem:
    n = load.numbers
    name = load.name or tr("Nobody")
    if evening:
        first, left = tr("{n} done", n=whole(n.done)), tr("{n} left", n=whole(n.left))
        tomorrow = tr("{n} tomorrow", n=whole(n.tomorrow))
        return LoadItem(load.person_id, name, first, left, n.left > 0, parts, most, tomorrow)
    first, late = tr("{n} open", n=whole(n.opened)), tr("{n} late", n=whole(n.overdue))
    today = tr("{n} today", n=whole(n.ahead))
    return LoadItem(load.person_id, name, first, late, n.overdue > 0, parts, most, today)


class LoadList(FlatList[LoadItem]):
    """Who has how much to do; a press limits the page to that person."""

    row_height = 42

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.chosen: int | None = None
        self._tight = False

    def set_items(self, items: Sequence[LoadItem]) -> None:
        super().set_items(items)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Whether some line has no room for all its numbers: then none has them."""
        plain = QFontMetrics(theme.font())
        small = QFontMetrics(theme.font(theme.SECONDARY, tabular=True))
        strong = QFontMetrics(theme.font(theme.SECONDARY, bold=True, tabular=True))
        room = self.viewport().width() - theme.AVATAR - 4 * theme.S
        tight = any(
            plain.horizontalAdvance(item.name) + strong.horizontalAdvance(item.last)
            + small.horizontalAdvance(f"{item.first} · {item.aside} · ") > room
            for item in self.items
        )  # fmt: skip
        if tight != self._tight:
            self._tight = tight
            self.viewport().update()

    def choose(self, person_id: int | None) -> None:
        """Mark the person that the page is limited to."""
        self.chosen = person_id
        self.viewport().update()

    def is_strong(self, item: LoadItem) -> bool:
        return item.person_id is not None and item.person_id == self.chosen

    def spoken(self, item: LoadItem) -> str:
        return f"{item.name}: {item.first} · {item.aside} · {item.last}"

    def paint_item(self, painter: QPainter, rect: QRect, item: LoadItem) -> None:
        look = theme.current()
        size = theme.AVATAR - 2
        named = item.name if item.person_id is not None else None
        top = QRect(rect.left(), rect.top() + 4, rect.width(), 22)
        avatar.paint(painter, QRectF(top.left(), top.top() + 1, size, size), named,
                     item.person_id or 0)  # fmt: skip
        small = theme.font(theme.SECONDARY, tabular=True)
        strong = theme.font(theme.SECONDARY, bold=True, tabular=True)
        painter.setFont(strong)
        painter.setPen(look.bad if item.alarms else look.muted)
        painter.drawText(top, _RIGHT, item.last)
        right = painter.fontMetrics().horizontalAdvance(item.last)
        painter.setFont(small)
        painter.setPen(look.muted)
        first = f"{item.first} · " if self._tight else f"{item.first} · {item.aside} · "
        painter.drawText(top.adjusted(0, 0, -right, 0), _RIGHT, first)
        right += painter.fontMetrics().horizontalAdvance(first) + theme.S
        name = top.adjusted(size + theme.S, 0, -right, 0)
        text_in(painter, name, item.name, theme.font(), look.text)
        track = QRectF(rect.left(), rect.top() + 29, rect.width(), _BAR)
        if self._tight:
            track.setRight(track.right() - _ASIDE)
            painter.setFont(theme.font(theme.SMALL, tabular=True))
            painter.setPen(look.muted)
            painter.drawText(QRect(rect.left(), rect.top() + 25, rect.width(), 15), _RIGHT,
                             item.aside)  # fmt: skip
        stacked(painter, track, item.parts, item.most)


def stacked(
    painter: QPainter, track: QRectF, parts: tuple[tuple[str, int], ...], most: int
) -> None:
    """A bar of several parts; the whole of it is ``most``."""
    look = theme.current()
    colours: dict[str, QColor] = {
        "bad": look.dot("overdue"), "amber": look.amber, "good": look.dot("planned"),
        "accent": look.stage("blue"),
    }  # fmt: skip
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(track, 2, 2)
    painter.setClipPath(path)
    painter.fillRect(track, look.track)
    left = track.left()
    for tone, n in parts:
        width = track.width() * n / most if most else 0.0
        if n:
            width = max(width, 2.0)
        painter.fillRect(QRectF(left, track.top(), width, track.height()), colours[tone])
        left += width
    painter.restore()


class StuckList(FlatList[DealRow]):
    """Deals that stand in their stage too long; a press opens the deal."""

    row_height = 44

    def spoken(self, item: DealRow) -> str:
        about = " · ".join(part for part in (item.title, item.client) if part)
        stood = words.in_stage(item.stood, item.limit_days)
        return ", ".join((about, item.stage, stood, item.person or tr("Nobody")))

    def paint_item(self, painter: QPainter, rect: QRect, item: DealRow) -> None:
        look = theme.current()
        stood = words.in_stage(item.stood, item.limit_days)
        pill(painter, rect, stood, words.age(item.stood, item.limit_days), right=True)
        font = theme.font(theme.SMALL, tabular=True)
        painter.setFont(font)
        room = rect.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(stood) - 3 * theme.S, 0)
        about = " · ".join(part for part in (item.title, item.client) if part)
        upper = QRect(room.left(), room.top() + 4, room.width(), 18)
        text_in(painter, upper, about, theme.font(), look.text)
        lower = upper.translated(0, 18)
        person = (item.person or tr("Nobody")).split()[0]
        below = f"{item.stage} · {person}"
        text_in(painter, lower, below, theme.font(theme.SECONDARY), look.muted)
