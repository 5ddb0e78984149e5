"""Sections of a contractor's panel: contacts, services, ratings, prices, deadlines, payments."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.services import ratings
from salesdesk.services.contractorview import ContactPerson, ContractorView, RatingLine
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.quoting import words
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.lines import LineItem
from salesdesk.ui.widgets.listsection import ListSection
from salesdesk.ui.widgets.ratingbars import Bar, RatingBars

_LABEL = 100
_RATED = 3


class ContactSection(ListSection):
    """Whom to talk to; ``asked(contact, place)``: a menu, there, of what can be done."""

    asked = Signal(object, QPoint)

    def __init__(self) -> None:
        super().__init__("contractor-contacts")
        self.list.ruling_asked.connect(lambda item, place: self.asked.emit(item.source, place))
        self.list.opened.connect(self._on_opened)

    def _on_opened(self, item: LineItem) -> None:
        place = self.list.mapToGlobal(QPoint(self.list.width(), self.list.height()))
        self.asked.emit(item.source, place)

    def show_contractor(self, view: ContractorView, another: bool) -> None:
        """Show the contacts."""
        self.set_words(tr("Contacts"), "", tr("Add a contact"))
        self.add_button.setVisible(not view.deleted)
        items = [self._item(one, not view.deleted) for one in view.contacts]
        self.show_items(items, another)

    @staticmethod
    def _item(contact: ContactPerson, ruled: bool) -> LineItem:
        phone = contact.phone.shown if contact.phone is not None else ""
        below = " · ".join(filter(None, (contact.duty, phone, contact.email)))
        return LineItem(contact.name, below=below, person=contact.id, ruled=ruled, source=contact)


class ServiceChips(QWidget):
    """The services as chips, and one that adds another; ``pressed(name, chip)``, ``wanted()``."""

    pressed = Signal(str, object)
    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("contractor-services")
        self._key: object = None
        self.chips: list[Chip] = []
        self._flow = FlowLayout(self, theme.XS)
        self.add_chip = Chip("", "contractor-service-new", False, self.wanted.emit)
        self._flow.addWidget(self.add_chip)

    def show_contractor(self, view: ContractorView) -> None:
        """Show the services; nothing is made anew when they are the same."""
        self.setAccessibleName(tr("Services"))
        self.add_chip.set_words(tr("+ Service"))
        self.add_chip.setAccessibleName(tr("Add a service"))
        self.add_chip.setVisible(not view.deleted)
        key = (view.id, view.services)
        if key == self._key:
            return
        self._key = key
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._flow.removeWidget(self.add_chip)
        self.chips = [self._chip(at, name) for at, name in enumerate(view.services)]
        self._flow.addWidget(self.add_chip)
        self.updateGeometry()

    def _chip(self, at: int, name: str) -> Chip:
        chip = Chip(name, f"contractor-service-{at}", False, parent=self)
        chip.clicked.connect(lambda: self.pressed.emit(name, chip))
        self._flow.addWidget(chip)
        chip.show()
        return chip


class RatingSection(QWidget):
    """Bars by criterion, and who said what, when and why; ``asked(ratings, place)``: a menu."""

    asked = Signal(object, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("contractor-ratings")
        self.bars = RatingBars("contractor-bars", _LABEL)
        self.lines = ListSection("contractor-rated", _RATED)
        self.lines.list.ruling_asked.connect(
            lambda item, place: self.asked.emit(item.source, place)
        )
        self.lines.title.hide()
        self.title = SectionLabel("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for part in (self.title, self.bars, self.lines):
            column.addWidget(part)

    def show_contractor(
        self, view: ContractorView, another: bool, may_remove: Callable[[RatingLine], bool]
    ) -> None:
        """Show the ratings."""
        averages = view.averages
        self.title.set_text(tr("Rating"))
        self.lines.set_words(
            tr("Ratings"),
            tr("Nobody has rated it yet: rate work that is done, in its price below."),
        )
        bars = []
        for name in ratings.CRITERIA:
            one = averages.by.get(name)
            if one is None:
                bars.append(Bar(words.criterion(name), None, formats.DASH))
            else:
                number = f"{words.score(one.mean)} ({one.count})"
                bars.append(Bar(words.criterion(name), float(one.mean) / ratings.BEST, number))
        overall = averages.overall
        if overall is not None and averages.of_file:
            number = words.score(overall)
            bars.append(Bar(tr("From a file"), float(overall) / ratings.BEST, number))
        self.bars.setVisible(overall is not None)
        self.bars.show_bars(bars, tr("Rating"))
        groups = _grouped(view.ratings)
        self.lines.show_items([_rating(one, may_remove(one[0])) for one in groups], another)


def _grouped(lines: Sequence[RatingLine]) -> list[tuple[RatingLine, ...]]:
    """What one person said of one piece of work at once belongs together."""
    found: dict[object, list[RatingLine]] = {}
    for one in lines:
        found.setdefault((one.quote_id, one.person_id, one.day, one.why), []).append(one)
    return [tuple(group) for group in found.values()]


def _rating(group: tuple[RatingLine, ...], ruled: bool) -> LineItem:
    scores = {one.criterion: one.score for one in group}
    text = " · ".join(
        f"{words.criterion(name)} {scores[name]}" for name in ratings.CRITERIA if name in scores
    )
    first = group[0]
    parts = (first.person or tr("a script"), formats.day(first.day), first.why, first.deal)
    below = " · ".join(filter(None, parts))
    return LineItem(text, below=below, ruled=ruled, source=group)


class DeadlineSection(QWidget):
    """How accepted work kept its days, in a few words."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("contractor-deadlines")
        self.title = SectionLabel("")
        self.bars = RatingBars("contractor-on-time", _LABEL)
        self.says = label("", "muted", wrap=True)
        self.late = label("", "problem", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        for part in (self.title, self.bars, self.says, self.late):
            column.addWidget(part)

    def show_contractor(self, view: ContractorView) -> None:
        """Show the share on time, how late the rest was, and what is late now."""
        one = view.deadlines
        self.setVisible(bool(one.done or one.coming))
        self.title.set_text(tr("Deadlines"))
        self.bars.setVisible(one.share is not None)
        if one.share is not None:
            number = f"{one.share} %"
            self.bars.show_bars([Bar(tr("On time"), one.share / 100, number)], tr("Deadlines"))
        parts = [ntr("{n} work done", "{n} works done", one.done)]
        if one.done > one.on_time:
            parts.append(
                tr("late by {mean} days on average, by {most} at most",
                   mean=formats.decimal(one.mean_late, 1), most=one.most_late)
            )  # fmt: skip
        if one.coming:
            parts.append(ntr("{n} to come", "{n} to come", one.coming))
        self.says.setText(" · ".join(parts))
        self.late.setText(ntr("{n} work is late now", "{n} works are late now", one.overdue))
        self.late.setVisible(one.overdue > 0)


class PaymentSection(ListSection):
    """What was paid to it and what is planned, with the deals; ``opened(deal)``."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__("contractor-payments")
        self.list.opened.connect(lambda item: self.opened.emit(item.source))

    def show_contractor(self, view: ContractorView, another: bool) -> None:
        """Show the payments."""
        self.set_words(tr("Payments"), "")
        self.setVisible(bool(view.payments))
        self.show_items([self._item(one) for one in view.payments], another)

    @staticmethod
    def _item(one: Any) -> LineItem:
        line = one.line
        if line.state == "paid":
            when = tr("paid {day}", day=formats.day(line.actual_day))
        elif line.planned_day is None:
            when = tr("planned")
        elif line.state == "late":
            when = tr("late: {day}", day=formats.day(line.planned_day))
        else:
            when = tr("planned for {day}", day=formats.day(line.planned_day))
        below = " · ".join(filter(None, (when, line.note)))
        number = formats.money(line.amount, line.currency)
        quiet = line.state == "paid"
        return LineItem(one.deal, below=below, number=number, quiet=quiet, source=one.deal_id)
