"""The row of filters of a report: days, split, its own options, whose, of which deals.

All of it as texts by name, as addresses and saved views have them.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from salesdesk.errors import SalesDeskError
from salesdesk.services import filters as deal_filters
from salesdesk.services.cards import BoardFilter
from salesdesk.services.report_table import Query, Report, offered_by
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import number_in
from salesdesk.ui.reports import query
from salesdesk.ui.reports.choices import OwnChoices
from salesdesk.ui.scopes import Choices, choices
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.filter_lists import one
from salesdesk.ui.widgets.filter_parts import ActiveFilters, Part
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.period import PeriodBar, days_text
from salesdesk.ui.widgets.switcher import Switcher

if TYPE_CHECKING:
    from salesdesk.ui.pivot.shelf import Shelf

_ALL = 0
_KINDS = ("week", "month", "quarter", "year")
_BY = {"day": N_("By day"), "week": N_("By week"), "month": N_("By month")}
_OWNED = ("pipeline", "team", "person")
#: Names that addresses have for something else; an option of that name gets a prefix.
_RESERVED = frozenset(
    ("report", "days", "by", *_OWNED, "find", "sort", "cell", "list", "who", "people", "teams",
     "clients", "tags", "sources", "overdue", "no_task", "stuck", "amount", "created", "expected",
     "entered", "text")
)  # fmt: skip


def own_name(key: str) -> str:
    """The name of a report's own option in addresses."""
    return f"own.{key}" if key in _RESERVED else key


class Filters(QWidget):
    """``changed()`` when a person asks for something else."""

    changed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reports-filters")
        self._context = context
        self._report: Report | None = None
        self._found: Choices | None = None
        #: Days that a person chose: of reports about what was, and about what is to come.
        self._by_hand: dict[bool, str] = {}
        self._pipeline_by_hand = False
        remember = context.remember
        self.days = PeriodBar(
            "reports-period", context.store.zone, context.now, remember, kinds=_KINDS
        )
        self.days.earliest = lambda: context.ask(query.earliest)
        self.by = Switcher("reports-by", look="chip")
        self.own = OwnChoices(lambda choice: context.ask(offered_by, choice))
        self.pipeline = Switcher("reports-pipeline", look="chip")
        self.team = Switcher("reports-team", look="chip")
        self.person = Switcher("reports-person", look="chip")
        self.shelf: Shelf | None = None
        self._line = QWidget(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.S)
        self._column.addWidget(self._line)
        self.flow = FlowLayout(self._line, theme.S)
        for each in (self.days, self.by, self.own, self.pipeline, self.team, self.person):
            self.flow.addWidget(each)
        self.deals = ActiveFilters("reports-filter", self.flow, self, self._parts)
        self.clear_chip = Chip("", "reports-clear", False, self.clear, self)
        self.flow.addWidget(self.clear_chip)
        self._connect()

    def _connect(self) -> None:
        self.days.changed.connect(self._on_days)
        self.by.chosen.connect(lambda _key: self._on_changed())
        self.own.changed.connect(self._on_changed)
        self.pipeline.chosen.connect(lambda _key: self._on_pipeline())
        self.team.chosen.connect(lambda _key: self._on_owner(self.person))
        self.person.chosen.connect(lambda _key: self._on_owner(self.team))
        self.deals.changed.connect(self._on_changed)

    # -- the report -------------------------------------------------------------------------------

    def set_report(self, report: Report) -> None:
        """Offer what a report looks at; what other reports were asked for stays."""
        own = self.own_texts()
        self._report = report
        self.own.set_choices(report.own)
        self._show_shelf()
        for key, value in own.items():
            self._set_own(key, value)
        self.by.setVisible("by" in report.takes)
        self.deals.button.setVisible("deals" in report.takes)
        self.days.setVisible(not report.timeless)
        self.days.ahead = report.looks_ahead
        self.days.set_text(self._by_hand.get(report.looks_ahead, report.first_period))
        self._offer()
        self.deals.forget_parts()
        self.deals.show_chips()
        self._show_clear()

    def _has_shelf(self) -> bool:
        """Whether the options of the report are put together freely: a pivot."""
        return self._report is not None and self._report.name == "pivot"

    def _show_shelf(self) -> None:
        if self._has_shelf() and self.shelf is None:
            from salesdesk.ui.pivot.shelf import Shelf

            self.shelf = Shelf(self._context)
            self.shelf.changed.connect(self._on_changed)
            self.shelf.days_wanted.connect(self.days.set_text)
            self.shelf.retranslate()
            self._column.insertWidget(0, self.shelf)
        if self.shelf is not None:
            self.shelf.setVisible(self._has_shelf())

    def today(self) -> int:
        """The local day of now."""
        return self._context.today()

    def recall(self) -> None:
        """What was chosen the last time."""
        remember = self._context.remember
        for ahead, name in ((False, "reports/days"), (True, "reports/days-ahead")):
            if kept := remember.text(name):
                self._by_hand[ahead] = kept

    def read_choices(self) -> None:
        """Ask for teams, people and pipelines anew."""
        self._found = self._context.ask(choices)
        self._offer()

    def has_pipelines(self) -> bool:
        """Whether there is a pipeline to report on."""
        return self._found is None or bool(self._found.pipelines)

    def _offer(self) -> None:
        found, report = self._found, self._report
        if found is None or report is None:
            return
        lines = [(key, name) for key, name, _ in found.pipelines]
        every = [] if report.one_pipeline else [(_ALL, tr("All pipelines"))]
        self.pipeline.set_options([*every, *lines], tr("Pipeline"))
        if not self._pipeline_by_hand or (report.one_pipeline and not self.pipeline.value):
            self.pipeline.set_value(self._usual_pipeline())
        self.pipeline.setVisible("pipeline" in report.takes and len(lines) > 1)
        self.team.set_options(found.team_options(tr("All teams")), tr("Team"))
        self.team.setVisible("team" in report.takes and bool(found.teams))
        self.person.set_options([(_ALL, tr("Everybody")), *found.people], tr("Person"))
        self.person.setVisible("person" in report.takes)

    def _usual_pipeline(self) -> int:
        """The pipeline that a report is opened with."""
        found, report = self._found, self._report
        if found is None or report is None or not found.pipelines:
            return _ALL
        if not report.one_pipeline and not report.first_pipeline:
            return _ALL
        counting = (key for key, _, counts in found.pipelines if counts)
        return next(counting, found.pipelines[0][0])

    def _parts(self) -> list[Part]:
        from salesdesk.ui.widgets import deal_parts

        takes = self._report.takes if self._report is not None else frozenset()
        if "deals" not in takes:
            return []
        whose = {"mine": tr("My deals"), "team": tr("My team")}
        found = [one("who", tr("Whose"), whose)]
        found += deal_parts.parts(self._context, self._context.seen)
        flags = {"overdue": tr("Overdue"), "no_task": tr("No task"), "stuck": tr("Stuck")}
        return found + [Part(key, text, "flag") for key, text in flags.items()]

    # -- what is asked for ------------------------------------------------------------------------

    def query(self) -> Query:
        """What a report is asked for now."""
        self.days.refresh()
        takes = self._report.takes if self._report is not None else frozenset()
        return Query(
            self.days.period(), self.by.value or "day",
            self._of(self.pipeline, "pipeline", takes), self._of(self.person, "person", takes),
            self._of(self.team, "team", takes),
            self._deals() if "deals" in takes else BoardFilter(), self._own_values(),
        )  # fmt: skip

    def _own_values(self) -> dict[str, str]:
        if self.shelf is not None and self._has_shelf():
            return self.shelf.values()
        return self.own.values()

    @staticmethod
    def _of(switcher: Switcher, name: str, takes: frozenset[str]) -> int | None:
        return (switcher.value or None) if name in takes else None

    def _deals(self) -> BoardFilter:
        return deal_filters.from_texts(self.deals.texts)

    def own_texts(self) -> dict[str, str]:
        """The report's own options by their names in addresses."""
        return {own_name(key): value for key, value in self._own_values().items()}

    def _set_own(self, name: str, value: str) -> None:
        """Take an option from an address; what it does not know is its default."""
        report = self._report
        if report is None:
            return
        for choice in report.own:
            if own_name(choice.key) == name:
                asked = Query(self.days.period(), own={choice.key: value})
                self.own.set_value(choice.key, report.chosen(asked, choice.key))

    def texts(self) -> dict[str, str]:
        """All of it as texts by name."""
        found = {"days": self.days.text()}
        if self.by.value and self.by.value != "day":
            found["by"] = str(self.by.value)
        for name in _OWNED:
            if value := getattr(self, name).value:
                found[name] = str(value)
        if not self.pipeline.value and self._usual_pipeline():
            found["pipeline"] = str(_ALL)
        return found | self.deals.texts | self.own_texts()

    def set_texts(self, texts: Mapping[str, str]) -> None:
        """Ask for this, without telling; what cannot be read is said and left out."""
        first = self._report.first_period if self._report is not None else "month"
        self.days.set_text(texts.get("days") or first)
        self._by_hand[self.days.ahead] = self.days.text()
        self.by.set_value(texts.get("by", "day"))
        for name in _OWNED:
            getattr(self, name).set_value(number_in(texts, name))
        usual = self._usual_pipeline()
        self._pipeline_by_hand = "pipeline" in texts and self.pipeline.value != usual
        self._offer()
        try:
            deals = deal_filters.to_texts(deal_filters.from_texts(texts))
        except SalesDeskError as error:
            self._context.fail(error)
            deals = {}
        self.deals.set_texts(deals)
        if self.shelf is not None and self._has_shelf():
            self.shelf.set_values(texts)
        if self._report is not None:
            self.own.set_choices(self._report.own)
        for name, value in texts.items():
            self._set_own(name, value)
        self._show_clear()

    def narrow(self, values: Mapping[str, int | str]) -> None:
        """Ask for less, as the label of a row says, and tell."""
        for name, value in values.items():
            if name in _OWNED:
                getattr(self, name).set_value(int(value))
                if name == "person":
                    self.team.set_value(_ALL)
            else:
                self._set_own(own_name(name), str(value))
        self._on_changed()

    def narrowing(self, column: str, value: object) -> dict[str, int | str]:
        """What the name of a person, a team or a pipeline in a column would narrow to; nothing
        where it is not asked for, or all there is."""
        found, report = self._found, self._report
        if found is None or report is None or column not in report.takes or column not in _OWNED:
            return {}
        known: dict[str, Iterable[tuple[int, str]]] = {
            "pipeline": ((key, name) for key, name, _ in found.pipelines),
            "team": ((key, name) for key, name, _ in found.teams), "person": found.people,
        }  # fmt: skip
        chosen = getattr(self, column).value
        keys = [key for key, name in known[column] if name == value and key != chosen]
        return {column: keys[0]} if len(keys) == 1 else {}

    def clear(self) -> None:
        """Everything but the days and the report's own options."""
        self.team.set_value(_ALL)
        self.person.set_value(_ALL)
        self._pipeline_by_hand = False
        self.deals.set_texts({})
        self._offer()
        self._on_changed()

    def is_filtered(self) -> bool:
        """Whether less than everything is asked for."""
        report = self._report
        if report is None:
            return False
        shown = [each for each in (self.team, self.person) if each.isVisibleTo(self)]
        if not report.one_pipeline and not report.first_pipeline:
            shown.append(self.pipeline)
        deals = "deals" in report.takes and bool(self.deals.texts)
        return deals or any(each.value for each in shown)

    def chain(self) -> list[str]:
        """What is asked for, in words, the widest first."""
        period = self.days.period()
        found = [days_text(period.first_day, period.last_day)]
        shown = (self.pipeline, self.team, self.person)
        chosen = [each for each in shown if each.value and each.isVisibleTo(self)]
        found += [each.text().strip().replace("&&", "&") for each in chosen]
        if self.deals.button.isVisibleTo(self):
            found += [f"{name}: {words}" if words else name for name, words in self.deal_words()]
        return found

    def deal_words(self) -> list[tuple[str, str]]:
        """The filters of deals: what by, and the words of what is chosen."""
        known = self.deals.parts()
        return [
            (known[key].label, "" if known[key].kind == "flag" else known[key].shown(text))
            for key, text in self.deals.texts.items()
            if key in known
        ]

    def _on_days(self) -> None:
        ahead = self.days.ahead
        self._by_hand[ahead] = self.days.text()
        name = "reports/days-ahead" if ahead else "reports/days"
        self._context.remember.set(name, self.days.text())
        self._on_changed()

    def _on_pipeline(self) -> None:
        self._pipeline_by_hand = True
        self._on_changed()

    def _on_owner(self, other: Switcher) -> None:
        """A person or a team, not both."""
        other.set_value(_ALL)
        self._on_changed()

    def _on_changed(self) -> None:
        self._show_clear()
        self.changed.emit()

    def _show_clear(self) -> None:
        """Behind all chips, when there is something to clear."""
        if self.flow.indexOf(self.clear_chip) < self.flow.count() - 1:
            self.flow.removeWidget(self.clear_chip)
            self.flow.addWidget(self.clear_chip)
        self.clear_chip.setVisible(self.is_filtered())

    def retranslate(self) -> None:
        """Set every text anew."""
        self.days.retranslate()
        self.by.set_options([(key, tr(text)) for key, text in _BY.items()], tr("Split"))
        self.own.retranslate()
        if self.shelf is not None:
            self.shelf.retranslate()
        self.deals.retranslate()
        self.clear_chip.set_words(tr("Show all"))
        self.clear_chip.setToolTip(tr("Of everybody, without filters"))
        self._offer()

    def add_keys(self, page: QWidget, group: str) -> None:
        """The keys of the row, while the page is seen."""
        self.days.listen(page, group)
        shortcuts.add(page, "F", N_("Add a filter"), self._on_filter_key, group)

    def _on_filter_key(self) -> None:
        if self.deals.button.isVisible():
            self.deals.button.open()
