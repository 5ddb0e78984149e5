"""The side of the control desk: loads, times in stages, stuck deals, postponers, absences."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services.absences import Away
from salesdesk.services.control import HABIT_DAYS, Desk, Habit, Load
from salesdesk.services.control_lists import DealRow
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.control.people import LoadItem, LoadList, StuckList, load_items
from salesdesk.ui.control.stagetimes import StageTimes, times_of
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import Card, SectionLabel, label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.switcher import Switcher

#: People shown before "all of them" is pressed.
FEW = 8
WIDTH = 332


def _card(name: str) -> tuple[Card, SectionLabel, QHBoxLayout]:
    """A card with a heading and room for a button at its right."""
    card = Card("", 0)
    card.setObjectName(name)
    card.body.setContentsMargins(theme.XS, theme.S, theme.XS, theme.S)
    card.body.setSpacing(theme.XS)
    heading = SectionLabel("")
    head = QHBoxLayout()
    head.setContentsMargins(theme.S, 2, theme.XS, 2)
    head.addWidget(heading, 1)
    card.body.addLayout(head)
    return card, heading, head


def _quiet_label(card: Card) -> QLabel:
    made = label("", "muted", wrap=True)
    made.setContentsMargins(theme.S, 0, theme.S, theme.XS)
    card.body.addWidget(made)
    return made


class Side(QScrollArea):
    """``person_chosen(id or None)``; ``deal_wanted(id)``; ``standing_wanted(person, stage)``;
    ``away_wanted(Away)`` shows what to hand over, ``away_menu(Away, place)``; ``add_away()``."""

    person_chosen = Signal(object)
    deal_wanted = Signal(int)
    standing_wanted = Signal(object, int)
    stuck_wanted = Signal()
    away_wanted = Signal(object)
    away_menu = Signal(object, QPoint)
    add_away = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk: Desk | None = None
        self._everybody = False
        self._pipeline = 0
        self.setObjectName("control-side")
        self.setFixedWidth(WIDTH)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setProperty("role", "body")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, theme.M, theme.L, theme.M)
        self._column.setSpacing(theme.M)
        self._make_loads()
        self._make_times()
        self._make_stuck()
        self._make_habits()
        self._make_away()
        self._column.addStretch(1)
        self.setWidget(inside)

    def _make_loads(self) -> None:
        self.load_card, self._load_title, _ = _card("control-load-card")
        self.loads = LoadList("control-loads")
        self.all_people = LinkButton("", "control-all-people", self._on_everybody)
        self.load_card.body.addWidget(self.loads)
        self.load_card.body.addWidget(self.all_people, 0, Qt.AlignmentFlag.AlignHCenter)
        self.loads.opened.connect(self._on_load)
        self._column.addWidget(self.load_card)

    def _make_times(self) -> None:
        self.times_card, self._times_title, head = _card("control-times-card")
        self.pipeline = Switcher("control-pipeline", look="chip")
        self.pipeline.chosen.connect(self._on_pipeline)
        head.addWidget(self.pipeline)
        self.times = StageTimes("control-times")
        self.times.opened.connect(self.standing_wanted)
        self.times_card.body.addWidget(self.times)
        self._column.addWidget(self.times_card)

    def _make_stuck(self) -> None:
        self.stuck_card, self._stuck_title, _ = _card("control-stuck-card")
        self.stuck = StuckList("control-stuck")
        self.all_stuck = LinkButton("", "control-all-stuck", self.stuck_wanted.emit)
        self.stuck.opened.connect(self._on_stuck)
        self.stuck_card.body.addWidget(self.stuck)
        self.stuck_card.body.addWidget(self.all_stuck, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self.stuck_card)

    def _make_habits(self) -> None:
        self.habit_card, self._habit_title, _ = _card("control-habit-card")
        self.habits = LineList("control-habits")
        self.habits.opened.connect(lambda item: self.person_chosen.emit(item.source.person_id))
        self.habit_card.body.addWidget(self.habits)
        self._column.addWidget(self.habit_card)

    def _make_away(self) -> None:
        self.away_card, self._away_title, head = _card("control-away-card")
        self.add_button = LinkButton("", "control-add-absence", self.add_away.emit)
        head.addWidget(self.add_button)
        self.away = LineList("control-away")
        self.away.opened.connect(lambda item: self.away_wanted.emit(item.source))
        self.away.ruling_asked.connect(lambda item, place: self.away_menu.emit(item.source, place))
        self.away_card.body.addWidget(self.away)
        self.nobody_away = _quiet_label(self.away_card)
        self._column.addWidget(self.away_card)

    # -- what is shown ------------------------------------------------------------------------

    def show_desk(self, desk: Desk) -> None:
        """Show the answer; lists that say the same as before are left alone."""
        self._desk = desk
        self._show_loads(desk)
        self._show_pipelines(desk)
        self.times.set_times(times_of(desk, self._pipeline))
        self.times_card.setVisible(bool(self.times.times.people))
        self._show_stuck(desk)
        self.habits_items(desk.habits)
        self.away_items(desk.away)

    def _show_loads(self, desk: Desk) -> None:
        self.loads.choose(desk.asked.person_id)
        items = load_items(desk.loads, desk.asked.evening)
        few = _few(items, desk.asked.person_id)
        self.all_people.setVisible(len(items) > len(few))
        self.all_people.set_text(
            tr("Show fewer") if self._everybody else tr("Show all {n}", n=formats.whole(len(items)))
        )
        self.loads.set_items(items if self._everybody else few)

    def _show_pipelines(self, desk: Desk) -> None:
        standing = {stage for _person, stage in desk.counted.standing}
        known = {stage.pipeline_id: stage.pipeline for stage in desk.stages if stage.id in standing}
        if self._pipeline not in known:
            self._pipeline = next(iter(known), 0)
        self.pipeline.set_options(list(known.items()), tr("Pipeline"))
        self.pipeline.set_value(self._pipeline)
        self.pipeline.setVisible(len(known) > 1)

    def _show_stuck(self, desk: Desk) -> None:
        deals = [row for row in desk.stuck if isinstance(row, DealRow)]
        self.stuck.set_items(deals)
        # The list in the middle says the same, if it is that one.
        self.stuck_card.setVisible(bool(deals) and desk.asked.listed.kind != "stuck")
        count = desk.count("stuck")
        self.all_stuck.setVisible(count > len(deals))
        self.all_stuck.set_text(tr("Show all {n}", n=formats.whole(count)))

    def habits_items(self, habits: Sequence[Habit]) -> None:
        """Show who postpones most."""
        _set_lines(self.habits, [_habit_item(one) for one in habits])
        self.habit_card.setVisible(bool(habits))

    def away_items(self, away: Sequence[Away]) -> None:
        """Show who is away, now and later."""
        _set_lines(self.away, [_away_item(one) for one in away])
        self.away.setVisible(bool(away))
        self.nobody_away.setVisible(not away)

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setAccessibleName(tr("Load, times, absences"))
        self._load_title.set_text(tr("Load by person"))
        self.loads.setAccessibleName(tr("Load by person"))
        self._times_title.set_text(tr("Time in stages"))
        self._stuck_title.set_text(tr("Stuck in stage"))
        self.stuck.setAccessibleName(tr("Stuck in stage"))
        self._habit_title.set_text(tr("Postponed most, {days} days", days=HABIT_DAYS))
        self.habits.setAccessibleName(tr("Postponed most, {days} days", days=HABIT_DAYS))
        self._away_title.set_text(tr("Absences"))
        self.away.setAccessibleName(tr("Absences"))
        self.add_button.set_text(tr("Add"), tr("Add an absence"))
        self.nobody_away.setText(
            tr("Nobody is away. Add a vacation, and the tasks can be handed over.")
        )
        self.times.retranslate()
        if self._desk is not None:
            self.show_desk(self._desk)
            self.loads.reword()
            self.stuck.reword()

    # -- what was pressed ---------------------------------------------------------------------

    def _on_everybody(self) -> None:
        self._everybody = not self._everybody
        if self._desk is not None:
            self._show_loads(self._desk)

    def _on_load(self, item: LoadItem) -> None:
        chosen = None if self.loads.chosen == item.person_id else item.person_id
        self.person_chosen.emit(chosen)

    def _on_pipeline(self, value: int) -> None:
        self._pipeline = value
        if self._desk is not None:
            self.times.set_times(times_of(self._desk, value))

    def _on_stuck(self, item: DealRow) -> None:
        self.deal_wanted.emit(item.id)


def _few(items: list[LoadItem], person_id: int | None) -> list[LoadItem]:
    """The first ones, and the one chosen."""
    few = items[:FEW]
    return few + [item for item in items[FEW:] if person_id and item.person_id == person_id]


def _set_lines(lines: LineList, items: list[LineItem]) -> None:
    """Other lines, unless they are the same."""
    if [lines.item(at) for at in range(lines.count())] != items:
        lines.set_items(items)


def _habit_item(one: Habit) -> LineItem:
    from decimal import Decimal

    each = formats.decimal(Decimal(one.times) / Decimal(max(one.tasks, 1)), 1)
    said = [tr("{each} × a task", each=each)]
    said += [f"{reason} {n}" for reason, n in one.reasons]
    return LineItem(one.name, below=" · ".join(said), number=f"{formats.whole(one.times)} ×",
                    person=one.person_id, source=one)  # fmt: skip


def _away_item(one: Away) -> LineItem:
    absence = one.absence
    days = formats.day_short(absence.first_day)
    if absence.last_day != absence.first_day:
        days = f"{days} – {formats.day_short(absence.last_day)}"
    if one.now:
        days = tr("until {day}", day=formats.day_short(absence.last_day))
    stands_in = one.substitute or tr("nobody stands in")
    tasks = ntr("{n} task", "{n} tasks", one.tasks) if one.tasks else ""
    return LineItem(one.name, below=f"{days} → {stands_in}", number=tasks, quiet=not one.now,
                    person=absence.person_id, ruled=True, source=one)  # fmt: skip


__all__ = ["FEW", "WIDTH", "Load", "Side"]
