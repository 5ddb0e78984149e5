"""The page of the reports: which one, of what; chart, table, and what is behind a number."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.errors import NotFound
from salesdesk.services import report_catalog
from salesdesk.services.report_table import Report, Row
from salesdesk.text import N_, tr, trp
from salesdesk.ui import addresses, formats, shortcuts
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page
from salesdesk.ui.reading import Reading
from salesdesk.ui.reports import extras, query, words
from salesdesk.ui.reports.behind import BehindPanel
from salesdesk.ui.reports.body import ReportBody
from salesdesk.ui.reports.cells import Wording
from salesdesk.ui.reports.chooser import PAGE, Chooser
from salesdesk.ui.reports.chooser import warm as chooser_warm
from salesdesk.ui.reports.drill import Drill
from salesdesk.ui.reports.filters import Filters
from salesdesk.ui.reports.query import Answer, Asked, Cell
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.saved import SavedFilters

_CALM_MS = 400
_SLOW_MS = 300
_KEY, _WARM_KEY = "reports", "reports-warm"
#: Changes in these tables alone change no report.
_INDIFFERENT = frozenset(("note", "saved_filter", "saved_view", "pin", "reminder"))
_CHOICES = frozenset(("team", "person", "pipeline", "stage", "setting"))
_GROUP = N_("Reports")
#: Parts of an address that neither a view nor the next start keeps.
_PASSING = ("cell", "list", "find")


def _nothing(_answer: object) -> None:
    """There is nothing to do with it."""


class ReportsPage(Page):
    """One report at a time; ``show_item`` takes the name of a report, or the texts of a view."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._ready = False
        self._answer: Answer | None = None
        self._wants_focus = False
        kept = addresses.read(context.remember.text("reports/address")).parts
        self._start = {name: text for name, text in kept.items() if name not in _PASSING}
        self._report = self._known(self._start.get("report", ""))
        self.title = label("", "heading")
        self.chooser_button = ComboButton("", "reports-report")
        self.saved_button = ComboButton("", "reports-saved", "chip")
        self.export_button = ComboButton("", "reports-export", "chip")
        self.filters = Filters(context)
        self.empty = EmptyState("reports-empty", " ", " ", self._on_empty, "reports")
        self.body = ReportBody(self.filters, self.empty)
        self.table, self.chart = self.body.table, self.body.chart
        self.panel = BehindPanel(context.store.zone)
        self.drill = Drill(context, self.body, self.panel, self._asked_of_all, self._chain)
        self.reading = Reading(
            self, context, self._answerable, query.read, self._show, indifferent=_INDIFFERENT,
            calm=_CALM_MS, failed=self._on_failed, replaces=_KEY,
        )  # fmt: skip
        self._slow = QTimer(self, interval=_SLOW_MS, singleShot=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.body, 1)
        row.addWidget(self.panel)
        self.panel.hide()
        self._connect()
        self._add_keys()
        self.filters.recall()
        self.filters.set_report(self._report)
        self.body.set_extra(extras.extra(self._report.name, context))
        self.retranslate()

    def _connect(self) -> None:
        self.chooser_button.set_opens(self._chooser)
        self.saved_button.set_opens(self._saved)
        self.export_button.set_opens(self._export_menu)
        self.filters.changed.connect(self._on_asked)
        self.table.opened.connect(lambda row, column: self.drill.open(Cell(row, column)))
        self.table.label_opened.connect(self._on_label)
        self.table.model_of.narrowing = self.filters.narrowing
        self.table.left.connect(self.drill.close)
        self.body.found.connect(lambda: self.address_changed.emit(False))
        self.body.progress.cancelled.connect(self._on_cancelled)
        self.panel.opened.connect(self.context.go)
        self.drill.moved.connect(self.address_changed)
        self.drill.turned.connect(self._on_turned)
        self.reading.busy.connect(self._on_busy)
        self._slow.timeout.connect(self._on_slow)
        self.context.bus.changed.connect(self._on_changed)
        self.context.person_changed.connect(self.reading.stale)

    def _add_keys(self) -> None:
        shortcuts.add(self, "R", N_("Choose a report"), self.chooser_button.open, _GROUP)
        shortcuts.add(self, "/", N_("Filter the rows"), self._focus_field, _GROUP)
        self.filters.add_keys(self, _GROUP)
        shortcuts.add(self, "V", N_("Saved views"), self.saved_button.open, _GROUP)
        shortcuts.add(self, "S", N_("Sort by the column of the cell"), self._sort, _GROUP)
        shortcuts.add(
            self, "L", N_("What is behind a number as a table"), self.drill.show_list, _GROUP
        )
        shortcuts.add(self, "E", N_("Export"), self.export_button.open, _GROUP)
        shortcuts.listed(self, "Return", N_("What is behind the number"), _GROUP)

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, self.chooser_button]

    def header_actions(self) -> list[QWidget]:
        return [self.saved_button, self.export_button]

    def shows_undo(self) -> bool:
        return False

    def activated(self) -> None:
        if self.reading.is_stale:
            self._read_choices()
            self.refresh()
            self.context.read(chooser_warm, done=_nothing, key=_WARM_KEY)
        self._wants_focus = not self.table.isVisible()
        self.table.setFocus()

    def show_item(self, item: object) -> None:
        if isinstance(item, str) and report_catalog.is_there(item):
            self.choose(item)
        elif isinstance(item, Mapping):
            self.choose_view(item)

    def retranslate(self) -> None:
        self.title.setText(tr("Reports"))
        self.saved_button.set_text(trp("filters", "Saved"), tr("Saved views"))
        self.saved_button.setToolTip(shortcuts.hint(tr("Saved views"), "V"))
        self.export_button.set_text(tr("Export"))
        self.export_button.setToolTip(shortcuts.hint(tr("Export"), "E"))
        self._name_report()
        self.filters.retranslate()
        self.body.retranslate()
        self.panel.retranslate()
        extra = self.body.extra
        if extra is not None:
            extra.retranslate()
        if self._ready:
            self._read_choices()
        if self._answer is not None:
            self._show(self._answer)
            if self.isVisible():  # some words of a table are made when it is read
                self.refresh()
            else:
                self.reading.stale()

    def _name_report(self) -> None:
        text = tr(self._report.title)
        self.chooser_button.set_text(text, tr("Report: {name}", name=text))
        self.chooser_button.setToolTip(shortcuts.hint(tr(self._report.about), "R"))
        self.chart.title.set_text(text)

    # -- which report, of what --------------------------------------------------------------------

    @staticmethod
    def _known(name: str) -> Report:
        there = [each for each in report_catalog.NAMES if report_catalog.is_there(each)]
        return report_catalog.report(name if name in there else there[0])

    def choose(self, name: str) -> None:
        """Show another report, of what the present one is of."""
        if name != self._report.name:
            self._take(name)
            self._on_asked()

    def _take(self, name: str) -> None:
        self._report = self._known(name)
        self.table.model_of.sort_by("", False)
        self.body.field.clear()
        self.filters.set_report(self._report)
        self.body.set_extra(extras.extra(self._report.name, self.context))
        self._name_report()

    def choose_view(self, texts: Mapping[str, str]) -> None:
        """Show a saved view."""
        self.go_to(texts)
        self.address_changed.emit(True)

    def _read_choices(self) -> None:
        self.filters.read_choices()
        if not self._ready and self._start:
            self.filters.set_texts(self._start)
        self._ready = True

    def asked(self) -> Asked:
        """What the page is about now."""
        return replace(self._asked_of_all(), listed=self.drill.cell if self.drill.listed else None)

    def _asked_of_all(self) -> Asked:
        return Asked(self._report.name, self.filters.query(), self.context.person_id)

    def _answerable(self) -> Asked | None:
        """What is asked; nothing while a report of one pipeline has none to be about."""
        if self._report.one_pipeline and not self.filters.has_pipelines():
            return None
        return self.asked()

    def _on_asked(self) -> None:
        self.drill.forget()
        self._on_turned(True)

    def _on_turned(self, is_step: bool) -> None:
        self.refresh()
        self.address_changed.emit(is_step)

    def address(self) -> Mapping[str, str]:
        model = self.table.model_of
        parts = {"report": self._report.name} | self.filters.texts()
        if model.sorted_by:
            parts["sort"] = ("" if model.upwards else "-") + model.sorted_by
        if model.typed:
            parts["find"] = model.typed
        return parts | self.drill.texts()

    def go_to(self, parts: Mapping[str, str]) -> None:
        self._read_choices()
        self._take(parts.get("report") or self._report.name)
        self.filters.set_texts(parts)
        sort = parts.get("sort", "")
        self.table.model_of.want_sort(sort.removeprefix("-"), not sort.startswith("-"))
        self.body.field.setText(parts.get("find", ""))
        self.drill.take(parts.get("cell", ""), parts.get("list") == "1")
        self.refresh()

    def refresh(self) -> None:
        """Read the report anew, in place of one that is being read."""
        self.reading.refresh()
        if self._answerable() is None:
            self._nothing(tr("There is no pipeline yet, so no deal has moved."),
                          tr("Make a pipeline"))  # fmt: skip

    # -- what is shown ----------------------------------------------------------------------------

    def _show(self, answer: Answer) -> None:
        self._answer = answer
        listed = answer.asked.listed is not None
        now = self.context.now()
        words_of = self.drill.words = Wording(answer.table, self.context.store.zone, now)
        self.body.back_button.setVisible(listed)
        self.table.setAccessibleName(tr(answer.report.title))
        self._show_extra(answer)
        if not answer.table.rows and not listed:
            text, action = words.nothing(self._report, self.filters)
            self._nothing(f"{tr(answer.report.about)}\n{text}", action, answer.table.notes)
            return
        told = [*self._chain(), *answer.names]
        back = self._wants_focus or self.empty.button.hasFocus() or self.hasFocus()
        about = " › ".join(filter(None, told)) if listed else tr(answer.report.about)
        opens = answer.report.behind is not None and not listed
        self.table.model_of.listed = listed
        self.body.show_table(answer.table, words_of, opens, about)
        self._wants_focus = False
        if back:
            self.table.setFocus()
        self.drill.read()

    def _show_extra(self, answer: Answer) -> None:
        """What the report has beside its table; a list has nothing."""
        extra = self.body.extra
        if extra is not None and answer.asked.listed is None:
            extra.show(self.context.ask(query.settled, answer.asked))
        elif extra is not None:
            extra.hide()

    def _nothing(self, text: str, action: str, notes: tuple[str, ...] = ()) -> None:
        self.drill.forget()
        self.empty.set_texts(text, action)
        # The keyboard would go to the header when the table goes.
        held = self._wants_focus or self.table.hasFocus() or self.empty.button.hasFocus()
        self.body.show_nothing(notes)
        self._wants_focus = False
        if held:
            (self.empty.button if action else self).setFocus()

    def _on_empty(self) -> None:
        """The way out of an empty report: a pipeline, all deals, else more days."""
        if not self.filters.has_pipelines():
            self.context.go("settings", "pipelines")
        elif self.reading.is_stale:
            self.refresh()
        else:
            words.way_out(self._report, self.filters)

    def _on_busy(self, reading: bool) -> None:
        if reading:
            self._slow.start()
        else:
            self._slow.stop()
            self.body.progress.hide()

    def _on_slow(self) -> None:
        self.body.progress.begin(tr("Reading…"))
        self.body.progress.show()

    def _on_cancelled(self) -> None:
        self.reading.cancel()
        if self._answer is None or self._answer.asked != self.asked():
            self._nothing(tr("Stopped: nothing was read."), tr("Read it"))

    def _on_failed(self, error: Exception) -> bool:
        """What there is not (a pipeline, a person) is said in place of the report."""
        if isinstance(error, NotFound):
            self._nothing(error.text(), tr("Make a pipeline"))
            return True
        return False

    def _on_changed(self, changes: Any) -> None:
        if self.isVisible() and _CHOICES & changes.tables.keys():
            self._read_choices()

    # -- the way down -----------------------------------------------------------------------------

    def _chain(self) -> list[str]:
        """The report and what it is asked for, in words."""
        return [tr(self._report.title), *self.filters.chain()]

    def _on_label(self, row: Row, at: int) -> None:
        """Where a text leads: to less of the report, a deal, a client, its days."""
        model = self.table.model_of
        if self.drill.listed and row.key:
            self.context.go(*row.key)
        elif narrows := model.narrows(row, at):
            self.filters.narrow(narrows)
        elif row.deal_id is not None or row.client_id is not None:
            page, key = ("board", row.deal_id) if row.deal_id is not None else (
                "clients", row.client_id)  # fmt: skip
            self.context.go(page, key)
        else:
            holds = model.column(model.label).holds
            self.filters.days.set_period(words.period_of(row.cells[model.label], holds))

    # -- header and keys --------------------------------------------------------------------------

    def _chooser(self) -> Chooser:
        chooser = Chooser(self.context, self._report.name, self)
        chooser.report_chosen.connect(self.choose)
        chooser.view_chosen.connect(self.choose_view)
        return chooser

    def _saved(self) -> SavedFilters:
        texts = {k: v for k, v in self.address().items() if k not in _PASSING}
        popover = SavedFilters(self.context, PAGE, texts, self, words.saved_words())
        popover.chosen.connect(self.choose_view)
        return popover

    def _export_menu(self) -> Any:
        from salesdesk.ui.reports import files

        name = f"{tr(self._report.title)} {self.filters.chain()[0]}".replace(formats.NO_BREAK, " ")
        return files.export_menu(self.context, self.export_button, name, self._saying)

    def _saying(self) -> Any:
        """The table as it is shown, and what was asked, for a file."""
        from salesdesk.ui.reports import files

        answer = self._answer
        if answer is None or answer.asked != self.asked():
            self.context.say(tr("The report is still being read: save it in a moment."))
            return None
        about = files.asked_lines(answer, self.filters, self.context)
        hidden = frozenset(self.chart.legend.hidden)
        return files.Shown(tr(answer.report.title), self.table.model_of.shown(), about, hidden)

    def _focus_field(self) -> None:
        if self.body.field.isVisible():
            self.body.field.setFocus()
            self.body.field.selectAll()

    def _sort(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.table.sort_column(index.column())
