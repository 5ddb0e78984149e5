"""A page that shows every widget of the catalogue, and a workspace to show it on."""

from decimal import Decimal
from functools import partial
from pathlib import Path

from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from salesdesk.models.store import Store
from salesdesk.moments import SECOND
from salesdesk.services import people
from salesdesk.services.writer import Writer
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets.avatar import Avatar
from salesdesk.ui.widgets.buttons import Button, ComboButton, IconButton, LinkButton, PrimaryButton
from salesdesk.ui.widgets.chips import Chip, ChipRow
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.kinds import (
    ChoiceKind,
    DateKind,
    MoneyKind,
    MultilineKind,
    NumberKind,
    TextKind,
)
from salesdesk.ui.widgets.labels import Card, SectionLabel, SelectionBar, label
from salesdesk.ui.widgets.panel import SidePanel
from salesdesk.ui.widgets.popup import Option, menu
from salesdesk.ui.widgets.progress import Bar, ProgressRow
from salesdesk.ui.widgets.table import Table
from salesdesk.ui.widgets.timeline import Timeline, TimelineEntry

NOW = 1_795_262_400 * SECOND  # 21 November 2026, 12:00 UTC
TODAY = 739_941
OWNERS = ("Anna Orlova", "Maria Kim", "Ivan Petrov", "Daria Volkova", "Oleg Sidorov")


def new_context(folder: Path, store: Store) -> Context:
    """A context with a clock that stands."""
    context = Context(store, Writer(store), lambda: NOW, Remember(folder / "window.ini"))
    saved = people.add_person(store, "Anna Orlova", {"role": "admin"}, person=None, now=NOW)
    context.set_person(saved.id, "Anna Orlova", "admin")
    return context


def add_person(store: Store, name: str = "Maria Kim", *, person: int | None, now: int) -> int:
    """A verb to try the context with; returns the command."""
    return people.add_person(store, name, person=person, now=now).command_id


def _bar(level: str) -> QColor:
    return theme.current().bar(level)


class Gallery(Page):
    """All of the catalogue on one page."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.main = QVBoxLayout()
        self.main.setContentsMargins(theme.L, theme.M, theme.L, theme.L)
        self.main.setSpacing(theme.M)
        row.addLayout(self.main, 1)
        self._add_chips()
        self._add_stats()
        self._add_selection()
        self._add_table()
        self._add_bars()
        self.panel = self._make_panel()
        row.addWidget(self.panel)

    def header_widgets(self) -> list[QWidget]:
        self.title = label(tr("Ranking"), "heading")
        periods = [("day", "Today"), ("week", "Week"), ("month", "Month"), ("quarter", "Quarter")]
        self.periods = ChipRow(periods, "period", "Period")
        self.periods.set_value("month")
        self.range = ComboButton("1–30 Nov 2026", "range", "chip")
        self.team = ComboButton("Sales department", "team")
        self.team.set_opens(
            lambda: menu([("all", "Everybody", lambda: None)], "team-menu", self.team)
        )
        return [self.title, self.periods, self.range, self.team]

    def header_actions(self) -> list[QWidget]:
        self.new_button = PrimaryButton(tr("New deal"), "new-deal", self._on_create)
        return [Chip("Export", "export", checkable=False), self.new_button]

    def retranslate(self) -> None:
        self.title.setText(tr("Ranking"))
        self.new_button.set_text(tr("New deal"))

    def _on_create(self) -> None:
        self.context.write(add_person, say=lambda _id: "Moved to Meeting held · 2 tasks created")

    def _add_chips(self) -> None:
        holder = QWidget()
        flow = FlowLayout(holder)
        self.chips = [Chip(text, f"chip-{at}") for at, text in enumerate(
            ("My deals", "My team", "Overdue", "No task", "Stuck"))]  # fmt: skip
        for at, chip in enumerate(self.chips):
            chip.set_count((None, None, 4, 3, 5)[at])
            flow.addWidget(chip)
        self.chips[1].setChecked(True)
        disabled = Chip("Disabled", "chip-disabled")
        disabled.setEnabled(False)
        flow.addWidget(disabled)
        for text, tone in (("Won", "good"), ("Lost…", "bad"), ("Try", "accent")):
            chip = Chip(text, f"act-{tone}", checkable=False)
            chip.set_tone(tone)
            flow.addWidget(chip)
        self.main.addWidget(holder)

    def _add_stats(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        for number, words in ((7, "Overdue tasks"), (12, "Due today"), (5, "Deals without a task")):
            card = Card()
            card.body.setSpacing(0)
            card.body.addWidget(label(str(number), "big"))
            card.body.addWidget(label(words, "muted"))
            row.addWidget(card)
        buttons = Card()
        inside = QHBoxLayout()
        plain, off = Button("Plain", "plain"), Button("Disabled", "off")
        off.setEnabled(False)
        primary = PrimaryButton("Disabled", "primary-off")
        primary.setEnabled(False)
        icons = [IconButton(name, name, f"icon-{name}") for name in ("undo", "redo", "plus")]
        quiet = [
            IconButton(name, name, f"quiet-{name}", look="quiet") for name in ("more", "close")
        ]
        for widget in (plain, off, primary, LinkButton("+ Task rule", "link"), *icons, *quiet):
            inside.addWidget(widget)
        buttons.body.addLayout(inside)
        row.addWidget(buttons, 1)
        self.main.addLayout(row)

    def _add_selection(self) -> None:
        bar = SelectionBar("selection")
        bar.count.setText("2 selected")
        postpone = Chip("Postpone…", "postpone", checkable=False)
        postpone.set_tone("accent")
        bar.row.addWidget(postpone)
        bar.row.addWidget(Chip("Reassign…", "reassign", checkable=False))
        bar.row.addStretch(1)
        bar.row.addWidget(label("Reason is asked once for all", "muted"))
        self.main.addWidget(bar)

    def _add_table(self) -> None:
        model = QStandardItemModel(0, 5, self)
        model.setHorizontalHeaderLabels(["Task", "Deal · client", "Assignee", "Due", "Postponed"])
        for at, name in enumerate(OWNERS):
            cells = ["Call back", "Concrete delivery · Uralmet", name, "Today 18:00", f"{at} ×"]
            model.appendRow([QStandardItem(cell) for cell in cells])
        self.table = Table("tasks", "Tasks")
        self.table.setModel(model)
        for column, width in enumerate((180, 230, 160, 120)):
            self.table.setColumnWidth(column, width)
        self.table.fit_height()
        self.table.selectRow(1)
        card = Card(margin=1)
        card.body.addWidget(self.table)
        self.main.addWidget(card)

    def _add_bars(self) -> None:
        card = Card("Plan and fact, November")
        for name, share, level in (("Anna Orlova", 1.0, "full"), ("Maria Kim", 0.72, "half")):
            row = QHBoxLayout()
            row.addWidget(label(name))
            row.addStretch(1)
            row.addWidget(label("4.1 / 4.0 M ₽", "strong"))
            card.body.addLayout(row)
            bar = Bar()
            bar.set_parts([(share, partial(_bar, level))], f"{name}: {share:.0%}")
            card.body.addWidget(bar)
        self.progress = ProgressRow("import-progress", "Import")
        self.progress.set_progress(5456, 8800, "5,456 of 8,800 rows checked")
        card.body.addWidget(self.progress)
        self.main.addWidget(card)
        self.empty = EmptyState("nothing", "No plans yet: set what a good month is.", "Set plans")
        self.main.addWidget(self.empty, 1)

    def _make_panel(self) -> SidePanel:
        panel = SidePanel("deal", "Deal")
        panel.set_title("Excavator rental, 3 months")
        top = QHBoxLayout()
        top.addWidget(label(formats.money(Decimal(1_240_000), "RUB"), "big"))
        top.addStretch(1)
        top.addWidget(Avatar("Maria Kim", 2, 20))
        top.addWidget(label("Maria Kim", "muted"))
        panel.body.addLayout(top)
        self.fields = self._make_fields()
        rows = QVBoxLayout()
        rows.setSpacing(0)
        for field in self.fields.values():
            rows.addWidget(field)
        self.fields["phone"].add_action(IconButton("phone", "Call", "call", look="quiet"))
        self.fields["phone"].add_action(IconButton("copy", "Copy", "copy", look="quiet"))
        panel.body.addLayout(rows)
        panel.body.addWidget(SectionLabel("Tasks"))
        panel.body.addWidget(QLabel("Send proposal · today 18:00 · auto"))
        panel.body.addWidget(SectionLabel("History"))
        self.history = Timeline("history", "History")
        self.history.set_entries(
            [
                TimelineEntry("Meeting scheduled →", "Meeting held", "18 Nov 16:20 · Maria Kim"),
                TimelineEntry("Amount 900 000 → 1 240 000 ₽", "", "13 Nov 09:40 · Maria Kim"),
                TimelineEntry("New request →", "Lost", "12 Nov 10:00 · taken back", undone=True),
            ],
            "and 28 more…",
        )
        panel.body.addWidget(self.history)
        panel.foot.addWidget(PrimaryButton("Import 8,800 rows", "import-all"))
        panel.foot.addWidget(label("One undo takes it all back.", "muted"))
        return panel

    @staticmethod
    def _make_fields() -> dict[str, FieldRow]:
        owners = [Option(at, name) for at, name in enumerate(OWNERS)]
        return {
            "title": FieldRow("Title", TextKind(required=True), "title", "Excavator rental"),
            "amount": FieldRow("Amount", MoneyKind("RUB"), "amount", Decimal(1_240_000)),
            "close": FieldRow("Close date", DateKind(lambda: TODAY), "close", 739_962),
            "chance": FieldRow("Probability", NumberKind(0, 100, unit="%"), "chance", Decimal(50)),
            "owner": FieldRow("Responsible", ChoiceKind(lambda: owners), "owner", 1),
            "phone": FieldRow("Phone", TextKind(), "phone", "+7 912 555-01-42"),
            "notes": FieldRow("Notes", MultilineKind(), "notes", "First line\nsecond line"),
            "stage": FieldRow("In stage", TextKind(), "stage", "3 d (limit 7 d)", editable=False),
        }


class Blank(Page):
    """A second page, to walk to."""

    def header_widgets(self) -> list[QWidget]:
        self.title = label(tr("Board"), "heading")
        return [self.title]

    def retranslate(self) -> None:
        self.title.setText(tr("Board"))


def specs(made: list[str] | None = None) -> list[PageSpec]:
    """The pages of a window for tests; ``made`` collects the keys of those created."""

    def gallery(context: Context) -> Page:
        if made is not None:
            made.append("gallery")
        return Gallery(context)

    def blank(context: Context) -> Page:
        if made is not None:
            made.append("board")
        return Blank(context)

    return [
        PageSpec("board", lambda: tr("Board"), "board", blank),
        PageSpec("tasks", lambda: tr("Tasks"), "tasks", blank, badge=lambda show: show(4)),
        PageSpec("gallery", lambda: tr("Ranking"), "ranking", gallery),
        PageSpec("reports", lambda: tr("Reports"), "reports", blank),
        PageSpec("clients", lambda: tr("Clients"), "clients", blank),
        PageSpec("contractors", lambda: tr("Contractors"), "contractors", blank),
        PageSpec("settings", lambda: tr("Settings"), "settings", blank),
    ]
