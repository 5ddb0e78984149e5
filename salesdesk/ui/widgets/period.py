"""Which days a page is about: chips for today, week, month, quarter, or any days in a popover."""

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from salesdesk.moments import Zone, month_of
from salesdesk.services import periods
from salesdesk.services.periods import Period
from salesdesk.text import N_, tr
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets.buttons import Button, ComboButton, IconButton, PrimaryButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import label, line, set_role
from salesdesk.ui.widgets.popup import Popover

_KINDS: dict[str, Callable[[int], Period]] = {
    "day": periods.of_day,
    "week": periods.of_week,
    "month": periods.of_month,
    "quarter": periods.of_quarter,
    "year": periods.of_year,
}
_USUAL = ("day", "week", "month", "quarter")
#: The keys of the pages that have it.
BEFORE_KEY, AFTER_KEY = "[", "]"
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1).toordinal(), date(2199, 12, 31).toordinal()
_FIELD_WIDTH = 124
_CHIPS_APART = 6


def _twelve(today: int) -> Period:
    """This month and the eleven after it."""
    return periods.of_months(month_of(today), 12)


def days_text(first: int, last: int) -> str:
    """Days from first to last, both included: ``1–30 Nov 2026``, ``28 Dec 2025 – 3 Jan 2026``."""
    a, b = date.fromordinal(first), date.fromordinal(last)
    blank = formats.NO_BREAK
    end = f"{formats.day_short(last)}{blank}{b.year}"
    if first == last:
        return end
    if a.year != b.year:
        return f"{formats.day_short(first)}{blank}{a.year} – {end}"
    if a.month != b.month:
        return f"{formats.day_short(first)} – {end}"
    shown = formats.day_short(last)
    if shown.startswith(str(b.day)):
        return f"{a.day}–{end}"
    return f"{formats.day_short(first)} – {end}"


def after(period: Period) -> Period:
    """The period just after: as many whole calendar months, else as many days."""
    months = period.whole_months()
    if months:
        return periods.of_months(month_of(period.last_day + 1), months)
    return Period(period.last_day + 1, period.last_day + period.days)


class PeriodBar(QWidget):
    """``changed()`` comes when a person chooses other days; ``period()`` is what is chosen.

    ``kinds`` are those that have a chip. ``ahead``: the list of days looks into the future;
    ``earliest()`` is the first day of all time, where that can be chosen.

    "Month" is remembered as a month, so that it is the present one tomorrow too.
    """

    changed = Signal()

    def __init__(
        self,
        name: str,
        zone: Zone,
        now: Callable[[], int],
        remember: Remember,
        parent: QWidget | None = None,
        kinds: Sequence[str] = _USUAL,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._kinds = {kind: _KINDS[kind] for kind in kinds}
        self.ahead = False
        self.earliest: Callable[[], int] | None = None
        self._zone, self._now, self._remember = zone, now, remember
        self._key = f"{name}/days"
        self._kind, self._days = "month", Period(_FIRST_DAY, _FIRST_DAY)
        self.chips = ChipRow([(kind, kind) for kind in self._kinds], f"{name}-kind", "")
        self.chips.set_apart(_CHIPS_APART)
        self.chips.chosen.connect(self._on_kind)
        for kind in self._kinds:
            chip = self.chips.chip(kind)
            chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.before = IconButton("chevron-left", "", f"{name}-before", self._on_before, "quiet")
        self.next = IconButton("chevron-right", "", f"{name}-next", self._on_next, "quiet")
        self.days = ComboButton("", f"{name}-days", "chip")
        self.days.set_opens(self._open_popover)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addStretch(1)  # without its chips it stands beside what follows
        row.addWidget(self.chips)
        pair = QHBoxLayout()
        pair.setSpacing(2)
        for widget in (self.before, self.days, self.next):
            widget.setFixedHeight(theme.CHIP_HEIGHT - 2)  # none higher than a chip
            pair.addWidget(widget)
        row.addLayout(pair)
        self._recall()

    # Where there is no room the chips go: the list behind the days has the same periods.

    def _whole(self) -> int:
        """How wide it is with its chips."""
        return self.chips.sizeHint().width() + theme.S + self._narrow()

    def _narrow(self) -> int:
        beside = self.before.sizeHint().width() + self.next.sizeHint().width() + 4
        return beside + self.days.sizeHint().width()

    def sizeHint(self) -> QSize:
        return QSize(self._whole(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._narrow(), super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self.chips.setVisible(self.width() >= self._whole())

    def _made(self) -> dict[str, Callable[[int], Period]]:
        """The periods that move with the day: those of the chips, and twelve months ahead."""
        return self._kinds | {"twelve": _twelve} if self.ahead else self._kinds

    def listen(self, page: QWidget, group: str) -> None:
        """Let the keys walk the periods while ``page`` is seen."""
        shortcuts.add(page, BEFORE_KEY, N_("Period before"), self.before.click, group)
        shortcuts.add(page, AFTER_KEY, N_("Period after"), self.next.click, group)

    def period(self) -> Period:
        """The days that are chosen, as of now."""
        made = self._made().get(self._kind)
        return self._days if made is None else made(self._today())

    def kind(self) -> str:
        """``day``, ``week``, ``month``, ``quarter``, ``year``, ``twelve`` or ``custom``."""
        return self._kind

    def set_period(self, period: Period) -> None:
        """Choose any days, and tell."""
        kind = next(
            (key for key, of in self._made().items() if of(self._today()) == period), "custom"
        )
        self._take(kind, period)
        self.changed.emit()

    def text(self) -> str:
        """What is chosen as an address has it: ``month``, ``2026-03-01..2026-03-31``."""
        if self._kind in self._made():
            return self._kind
        ends = (self._days.first_day, self._days.last_day)
        return "..".join(date.fromordinal(day).isoformat() for day in ends)

    def set_text(self, text: str) -> None:
        """Choose what an address has, without telling; what cannot be read is passed over."""
        made = self._made()
        if text in made:
            self._take(text, made[text](self._today()))
            return
        try:
            first, last = (date.fromisoformat(end).toordinal() for end in text.split(".."))
        except ValueError:
            return
        if _FIRST_DAY <= first <= last <= _LAST_DAY:
            self._take("custom", Period(first, last))

    def refresh(self) -> None:
        """Show what is chosen as of now (midnight has passed)."""
        self.chips.set_value(self._kind if self._kind in self._kinds else "")
        period = self.period()
        shown = days_text(period.first_day, period.last_day)
        self.days.set_text(shown, tr("Period: {days}", days=shown))
        self.days.updateGeometry()
        self.updateGeometry()
        self._arrange()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.chips.setAccessibleName(tr("Period"))
        words = {"day": tr("Today"), "week": tr("Week"), "month": tr("Month"),
                 "quarter": tr("Quarter"), "year": tr("Year")}  # fmt: skip
        self.chips.set_texts({kind: words[kind] for kind in self._kinds})
        for button, key in ((self.before, BEFORE_KEY), (self.next, AFTER_KEY)):
            text = tr("Period before") if button is self.before else tr("Period after")
            button.set_text(text, shortcuts.hint(text, key))
        self.days.setToolTip(tr("Any days"))
        self.refresh()

    def _today(self) -> int:
        return self._zone.day_of(self._now())

    def _on_kind(self, kind: str) -> None:
        self._take(kind, self._kinds[kind](self._today()))
        self.changed.emit()

    def _on_before(self) -> None:
        if self.period().first_day > _FIRST_DAY:
            self.set_period(self.period().previous())

    def _on_next(self) -> None:
        if self.period().last_day < _LAST_DAY:
            self.set_period(after(self.period()))

    def _take(self, kind: str, period: Period) -> None:
        self._kind, self._days = kind, period
        kept = kind if kind != "custom" else f"{period.first_day} {period.last_day}"
        self._remember.set(self._key, kept)
        self.refresh()

    def _recall(self) -> None:
        kept = self._remember.text(self._key, "month")
        days = self._remember.numbers(self._key)
        if kept in self._kinds:
            self._kind = kept
        elif len(days) == 2 and _FIRST_DAY <= days[0] <= days[1] <= _LAST_DAY:
            self._kind, self._days = "custom", Period(*days)

    def _open_popover(self) -> Popover:
        earliest = self.earliest() if self.earliest is not None and not self.ahead else None
        popover = DaysPopover(
            f"{self.objectName()}-any", self.period(), self._today(), self, self.ahead, earliest
        )
        popover.chosen.connect(self.set_period)
        return popover


class DaysPopover(Popover):
    """Periods of the past (or ``ahead``) by name, and two dates to type; ``chosen(Period)``."""

    chosen = Signal(object)

    def __init__(
        self,
        name: str,
        period: Period,
        today: int,
        parent: QWidget,
        ahead: bool = False,
        earliest: int | None = None,
    ) -> None:
        super().__init__(name, tr("Any days"), parent)
        self._today, self._earliest = today, earliest
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        named = QGridLayout()
        named.setSpacing(theme.XS)
        for at, (key, text, days) in enumerate(self._ahead() if ahead else self._named()):
            button = Button(text, f"{name}-{key}", "chip")
            button.clicked.connect(lambda _on=False, days=days: self._choose(days))
            named.addWidget(button, at // 2, at % 2)
        self.body.addLayout(named)
        self.body.addWidget(line())
        self.first = self._field(f"{name}-first", tr("First day"), period.first_day)
        self.last = self._field(f"{name}-last", tr("Last day"), period.last_day)
        dates = QHBoxLayout()
        dates.setSpacing(theme.S)
        for widget in (self.first, label("–", "muted"), self.last):
            dates.addWidget(widget)
        self.body.addLayout(dates)
        self.problem = label("", "muted", wrap=True)
        self.problem.setText(tr("The last day is included."))
        self.body.addWidget(self.problem)
        self.button = PrimaryButton(tr("Show"), f"{name}-show", self._on_show)
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)

    def showEvent(self, event: object) -> None:
        self.first.setFocus()
        self.first.selectAll()

    def _named(self) -> list[tuple[str, str, Period]]:
        today = self._today
        return [
            ("today", tr("Today"), periods.of_day(today)),
            ("yesterday", tr("Yesterday"), periods.of_day(today - 1)),
            ("this-week", tr("This week"), periods.of_week(today)),
            ("last-week", tr("Last week"), periods.of_week(today).previous()),
            ("this-month", tr("This month"), periods.of_month(today)),
            ("last-month", tr("Last month"), periods.of_month(today).previous()),
            ("this-quarter", tr("This quarter"), periods.of_quarter(today)),
            ("last-quarter", tr("Last quarter"), periods.of_quarter(today).previous()),
            ("thirty", tr("30 days"), Period(today - 29, today)),
            ("year", tr("This year"), periods.of_year(today)),
            *self._whole(),
        ]

    def _whole(self) -> list[tuple[str, str, Period]]:
        """What only those offer who know the first day."""
        if self._earliest is None:
            return []
        today = self._today
        last = periods.of_year(today).previous()
        first = max(min(self._earliest, today), _FIRST_DAY)
        return [("last-year", tr("Last year"), last), ("all", tr("All time"), Period(first, today))]

    def _ahead(self) -> list[tuple[str, str, Period]]:
        today, month = self._today, month_of(self._today)
        week, quarter, year = (
            of(today) for of in (periods.of_week, periods.of_quarter, periods.of_year)
        )
        return [
            ("this-week", tr("This week"), week),
            ("next-week", tr("Next week"), after(week)),
            ("this-month", tr("This month"), periods.of_month(today)),
            ("next-month", tr("Next month"), periods.of_months(month + 1)),
            ("this-quarter", tr("This quarter"), quarter),
            ("next-quarter", tr("Next quarter"), after(quarter)),
            ("half-year", tr("6 months"), periods.of_months(month, 6)),
            ("twelve", tr("12 months"), _twelve(today)),
            ("year", tr("This year"), year),
            ("next-year", tr("Next year"), after(year)),
        ]

    def _field(self, name: str, accessible: str, day: int) -> QLineEdit:
        field = QLineEdit(formats.day(day))
        field.setObjectName(name)
        field.setAccessibleName(accessible)
        field.setToolTip(accessible)
        field.setFixedWidth(_FIELD_WIDTH)
        field.returnPressed.connect(self._on_show)
        return field

    def _on_show(self) -> None:
        try:
            first = formats.read_day(self.first.text(), self._today)
            last = formats.read_day(self.last.text(), self._today)
            if not _FIRST_DAY <= min(first, last) <= max(first, last) <= _LAST_DAY:
                raise ValueError(tr("Only days from 1970 to 2199 can be shown."))
        except ValueError as error:
            self.problem.setText(str(error))
            set_role(self.problem, "problem")
            return
        self._choose(Period(min(first, last), max(first, last)))

    def _choose(self, period: Period) -> None:
        self.close()
        self.chosen.emit(period)
