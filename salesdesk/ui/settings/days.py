"""The calendar: country, working hours, time zone, days off of the country and of the team."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from salesdesk.services import days_off, settings
from salesdesk.text import language, tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.countries import countries, country_name
from salesdesk.ui.settings.adding import AddLine
from salesdesk.ui.settings.cells import Entry, trash
from salesdesk.ui.settings.rule_forms import read_clock
from salesdesk.ui.settings.rule_words import clock
from salesdesk.ui.settings.section import END, Row, Rows, Section, card, heads, inline, words
from salesdesk.ui.widgets.buttons import Button, ComboButton, IconButton
from salesdesk.ui.widgets.kinds import DateKind, Kind, TextKind
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.popup import Option, Picker

_LABEL, _DAY, _WHOSE = 140, 150, 160


class ClockKind(Kind):
    """A time of day in minutes from midnight."""

    def typed(self, value: Any) -> str:
        return "" if value is None else clock(value)

    def read(self, text: str) -> int:
        minutes = read_clock(text)
        if minutes is None:
            raise ValueError(tr("This cannot be empty."))
        return minutes


@dataclass(frozen=True)
class Found:
    """The settings of the calendar, and the days off of the year (weekends left out)."""

    country: str
    region: str
    hours: tuple[int, int]
    zone: str
    year: int
    days: tuple[days_off.DayOff, ...]
    worked: tuple[int, ...]
    copied: bool


class CalendarSection(Section):
    """Working days come from the country, minus the team's own days off."""

    tables = frozenset({"setting", "day_off", "calendar_year"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("Due days and plans follow the working days. Another country holds from this year "
               "on; years gone by stay."),
        )  # fmt: skip
        self.found: Found | None = None
        self.year = date.fromordinal(self.today()).year
        self._build_settings()
        self._build_days()

    def _build_settings(self) -> None:
        box = Card()
        self.country = ComboButton("", "settings-country")
        self.country.setFixedWidth(260)
        self.country.set_opens(self._countries)
        self.region = Entry(TextKind(False, 10), "settings-region", tr("Region"), 100, "inline")
        self.region.setPlaceholderText("—")
        self.region.committed.connect(self._on_region)
        self.opens, self.closes = (
            Entry(ClockKind(), f"settings-hours-{which}", said, 72, "inline")
            for which, said in (("from", tr("Working hours from")), ("to", tr("Working hours to")))
        )
        for field in (self.opens, self.closes):
            field.committed.connect(lambda _value: self._on_hours())
        self.wrong = label("", "problem", wrap=True)
        for field in (self.region, self.opens, self.closes):
            field.problem.connect(self._say)
        self.wrong.hide()
        self.zone = label("")
        for title, *widgets in (
            (tr("Country"), self.country),
            (tr("Region"), self.region, label(tr("its ISO code, where it has holidays of its own"),
                                              "muted")),
            (tr("Working hours"), self.opens, label("–", "muted"), self.closes),
            (tr("Time zone"), self.zone, label(tr("set when the workspace was made"), "muted")),
        ):  # fmt: skip
            name = label(title, "muted")
            name.setFixedWidth(_LABEL)
            box.body.addWidget(inline(name, *widgets, 1))
        box.body.addWidget(self.wrong)
        self.inside.addWidget(box)

    def _build_days(self) -> None:
        self.before = IconButton("chevron-left", tr("Year before"), "settings-year-before",
                                 lambda: self._turn(-1), "quiet")  # fmt: skip
        self.after = IconButton("chevron-right", tr("Year after"), "settings-year-after",
                                lambda: self._turn(1), "quiet")  # fmt: skip
        self.copy = Button(tr("Copy them"), "settings-year-copy", "link", self._on_copy)
        self.year_label = label("", "strong")
        self.column.insertWidget(self.column.count() - 1, inline(
            label(tr("Days off"), "title"), self.before, self.year_label, self.after, self.copy, 1
        ))  # fmt: skip
        self.origin = label("", "muted", wrap=True)
        self.column.insertWidget(self.column.count() - 1, self.origin)
        self.days = card()
        self.days.body.addWidget(
            heads([(tr("Day"), _DAY), (trp("thing", "Name"), 0), (tr("Whose"), _WHOSE), ("", END)])
        )
        self.rows = Rows(
            lambda item: _WorkedRow(self, item) if isinstance(item, int) else _DayRow(self, item.id)
        )
        self.days.body.addWidget(self.rows)
        self.new_day = Entry(DateKind(self.today), "settings-day-off-day", tr("Day"), 130, "inline")
        self.new_day.setPlaceholderText(tr("Day"))
        self.worked = Button(tr("It is worked"), "settings-day-worked", "link", self._on_worked)
        self.worked.setToolTip(tr("A Saturday in exchange for another day, say"))
        self.add = AddLine("settings-day-off", tr("Name of a day off"), tr("Add day off"),
                           self.new_day, self.worked)  # fmt: skip
        self.add.wanted.connect(self._on_add)
        self.days.body.addWidget(self.add)
        self.column.insertWidget(self.column.count() - 1, self.days)

    def question(self, r: Any) -> Found:
        first, last = date(self.year, 1, 1).toordinal(), date(self.year, 12, 31).toordinal()
        # A country's weekend has no name; what has one is a holiday.
        shown = tuple(
            each for each in days_off.days_off(r, first, last)
            if each.origin == days_off.TEAM or each.name
        )  # fmt: skip
        return Found(
            settings.get(r, settings.COUNTRY), settings.get(r, settings.SUBDIVISION),
            settings.get(r, settings.WORKING_HOURS), settings.get(r, settings.ZONE), self.year,
            shown, tuple(days_off.worked_weekends(r, self.year)),
            self.year in days_off.known_years(r),
        )  # fmt: skip

    def set_allowed(self, may: bool) -> None:
        super().set_allowed(may)
        self.days.setEnabled(may)
        self.copy.setEnabled(may)

    def fill(self, found: Found) -> None:
        self.found = found
        name = country_name(found.country) if found.country else tr("No country")
        self.country.set_text(name, f"{tr('Country')}: {name}")
        self.region.set_value(found.region or None)
        self.opens.set_value(found.hours[0])
        self.closes.set_value(found.hours[1])
        self.zone.setText(found.zone)
        self.year_label.setText(str(found.year))
        self._show_days(found, found.days)
        self.context.read(
            days_off.names_now, found.year, key="settings-holidays",
            done=lambda names: self._on_names(found, names),
        )  # fmt: skip
        self._show_origin(found, name)

    def _show_origin(self, found: Found, country: str) -> None:
        """From where the working days of the year are."""
        missing = bool(found.country) and not found.copied
        self.copy.setVisible(missing)
        if missing:
            said = tr("The working days of {year} are not copied yet: Saturday and Sunday are off.",
                      year=found.year)  # fmt: skip
        elif found.copied:
            said = tr("Copied from the calendar of {country}: no update changes them. Weekends are "
                      "not listed.", country=country)  # fmt: skip
        else:
            said = tr("Saturday and Sunday are off, and the days below.")
        self.origin.setText(said)

    def _on_names(self, found: Found, names: dict[int, str]) -> None:
        """The holidays in the language of now, a moment later."""
        if found is not self.found:
            return
        shown = [
            replace(each, name=names.get(each.day, each.name))
            if each.origin == days_off.COUNTRY else each
            for each in found.days
        ]  # fmt: skip
        self._show_days(found, shown)

    def _show_days(self, found: Found, days: Iterable[days_off.DayOff]) -> None:
        """The days off, and the days of the weekend that are worked, by day."""
        items: list[tuple[int, Any, Any]] = [(each.day, each.id, each) for each in days]
        items += [(day, f"worked-{day}", day) for day in found.worked]
        items.sort(key=lambda item: item[0])
        self.rows.set_items([(key, item) for _day, key, item in items])

    def _say(self, text: str) -> None:
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    def _turn(self, years: int) -> None:
        self.year = min(max(self.year + years, 1970), 2199)
        self.refresh()

    def _on_copy(self) -> None:
        self.do(days_off.copy_of_country, self.year,
                say=tr("Working days of {year} copied", year=self.year))  # fmt: skip

    def _countries(self) -> Picker:
        options = [Option("", tr("No country: weekends are off"))]
        options += [Option(code, name, code) for code, name in countries()]
        current = self.found.country if self.found else ""
        picker = Picker(options, "settings-countries", tr("Country"), current, self.country)
        picker.picked.connect(self._on_country)
        return picker

    def _on_country(self, code: str) -> None:
        if self.found is None or code == self.found.country:
            return
        # A region of the country before means nothing in another one.
        values = {settings.COUNTRY.name: code, settings.SUBDIVISION.name: ""}
        self.do(settings.change, values, say=tr("Country changed"))

    def _on_region(self, region: str | None) -> None:
        values = {settings.SUBDIVISION.name: (region or "").upper()}
        self.do(settings.change, values, say=tr("Region changed"), cell=self.region)

    def _on_hours(self) -> None:
        hours = (self.opens.value(), self.closes.value())
        if hours[0] >= hours[1]:
            self.closes.show_problem(tr("Working hours end after they begin."))
            return
        self.closes.show_problem("")  # the other field may have mended it
        if self.found is not None and hours == self.found.hours:
            return
        self.do(settings.change, {settings.WORKING_HOURS.name: hours},
                say=tr("Working hours changed"), cell=self.closes)  # fmt: skip

    def _day_typed(self) -> int | None:
        day: int | None = self.new_day.value() if self.new_day.commit() else None
        if day is None:
            self.add.show_problem(tr("Say which day it is."))
        return day

    def _on_worked(self) -> None:
        day = self._day_typed()
        if day is None:
            return

        def done(_saved: Any) -> None:
            self.new_day.set_value(None)
            self.year = date.fromordinal(day).year
            self.refresh()

        said = tr("{day} is worked", day=formats.day(day))
        self.do(days_off.work_on, day, say=said, cell=self.add, done=done)

    def _on_add(self, name: str) -> None:
        day = self._day_typed()
        if day is None:
            return

        def added(_saved: Any) -> None:
            self.new_day.set_value(None)
            self.add.done()
            self.year = date.fromordinal(day).year
            self.refresh()

        said = tr("{day} is a day off", day=formats.day(day))
        self.do(days_off.add, day, name, say=said, cell=self.add, done=added)


def _weekday(day: int) -> str:
    """``Saturday``."""
    from babel.dates import format_date

    return str(format_date(date.fromordinal(day), "EEEE", locale=language())).capitalize()


class _DayRow(Row):
    def __init__(self, section: CalendarSection, key: int) -> None:
        super().__init__(f"settings-day-off-{key}")
        self.section, self.key = section, key
        self.day, self.whose = words(_DAY), words(_WHOSE, "muted")
        self.fixed = words(0)
        self.name = Entry(TextKind(True, 120), f"settings-day-off-{key}-name", trp("thing", "Name"))
        self.name.committed.connect(self._on_name)
        self.add(self.day)
        self.add(self.fixed, 1)
        self.add(self.name, 1)
        self.add(self.whose)
        self.cells.setContentsMargins(theme.S, 1, theme.S, 1)
        self.add(trash(f"settings-day-off-{key}-remove", tr("This day is worked"), self._remove))

    def fill(self, item: days_off.DayOff) -> None:
        self.item = item
        self.day.set_text(formats.day(item.day))
        own = item.origin == days_off.TEAM
        self.fixed.set_text(item.name)
        self.fixed.setVisible(not own)
        self.name.set_value(item.name)
        self.name.setVisible(own)
        self.whose.set_text(tr("Our own") if own else tr("Of the country"))

    def _on_name(self, name: str) -> None:
        said = tr("{day} is called “{name}”", day=formats.day(self.item.day), name=name)
        self.section.do(days_off.rename, self.key, name, say=said, cell=self.name)

    def _remove(self) -> None:
        said = tr("{day} is worked", day=formats.day(self.item.day))
        self.section.do(days_off.remove, self.key, say=said, cell=self)


class _WorkedRow(Row):
    """A day of the weekend that is worked."""

    def __init__(self, section: CalendarSection, day: int) -> None:
        super().__init__(f"settings-worked-{day}")
        self.section = section
        self.day, self.said, self.whose = words(_DAY), words(0), words(_WHOSE, "muted")
        self.add(self.day)
        self.add(self.said, 1)
        self.add(self.whose)
        self.cells.setContentsMargins(theme.S, 1, theme.S, 1)
        self.add(trash(f"settings-worked-{day}-off", tr("This day is off"), self._remove))

    def fill(self, item: int) -> None:
        self.item = item
        self.day.set_text(formats.day(item))
        self.said.set_text(_weekday(item))
        self.whose.set_text(tr("Worked"))

    def _remove(self) -> None:
        said = tr("{day} is off", day=formats.day(self.item))
        self.section.do(days_off.rest_on, self.item, say=said, cell=self)
