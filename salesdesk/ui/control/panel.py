"""The control desk: what awaits in the morning, what became of it by the evening, who is loaded.

Tiles choose the list in the middle; the side shows people. Everything is read in one question.
"""

from array import array
from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.services import control
from salesdesk.services.absences import Away
from salesdesk.services.control import Desk
from salesdesk.services.control_lists import EVENING, MORNING, Listed, Row, TaskRow
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.control import query, words
from salesdesk.ui.control.actions import Actions
from salesdesk.ui.control.bar import KEYS, ListBar, counted
from salesdesk.ui.control.paint import ROW
from salesdesk.ui.control.query import Answer, Asked
from salesdesk.ui.control.side import WIDTH, Side
from salesdesk.ui.control.table import DeskTable
from salesdesk.ui.control.tiles import Tiles
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.reading import Reading
from salesdesk.ui.taskforms.acting import Anchor
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.switcher import Switcher

_GROUP = N_("Control desk")
#: From this hour on the day is looked back upon.
_EVENING_HOUR = 15
_NARROW, _WIDE = 860, 1180
#: Border and margins of the card above and below its table.
_EDGES = 4
_CALM_MS = 120
_ALL = 0
_TILES = (*MORNING[:-1], *EVENING)
_KEYS_SAY = {
    "postpone": N_("Postpone what is selected"), "reassign": N_("Reassign what is selected"),
    "complete": N_("Done: what is selected"), "task": N_("Add a task to the deals selected"),
    "accept": N_("Accept the results selected"), "give-back": N_("Give the results back"),
    "reopen": N_("Open done tasks again"), "hand": N_("Hand the tasks to the substitute"),
}  # fmt: skip


class ControlPage(Page):
    """The team lead's morning and evening."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        zone = context.store.zone
        self.evening = zone.local(context.now()).hour >= _EVENING_HOUR
        self.listed = Listed("left" if self.evening else "overdue")
        self.person_id: int | None = None
        self._answer: Answer | None = None
        self._away: Away | None = None
        self._handed = self._to_table = False
        self.title = label("", "heading")
        texts = [("morning", tr("Morning")), ("evening", tr("Evening"))]
        self.times = ChipRow(texts, "control-time", tr("Time of day"))
        self.team = Switcher("control-team")
        self.absence_button = Button("", "control-absences", "chip", self._on_absences)
        self.new_button = PrimaryButton("", "control-new-task", self._on_new_task)
        self.tiles = Tiles(self._kinds(), _TILES)
        self.bar = ListBar()
        self.table = DeskTable(zone)
        self.empty = EmptyState("control-empty", " ", icon="check")
        self.side = Side()
        self.actions_ = Actions(context, self)
        self.reading = Reading(
            self, context, self._asked, query.read, self._show, indifferent=query.INDIFFERENT,
            calm=_CALM_MS, minutes=True,
        )  # fmt: skip
        self._build()
        self._connect()
        self._add_keys()
        self.times.set_value("evening" if self.evening else "morning")
        self.retranslate()

    def _build(self) -> None:
        self.card = Card("", 0)
        self.card.body.setContentsMargins(1, 1, 1, 1)
        self.card.body.addWidget(self.table)
        column = QVBoxLayout()
        column.setContentsMargins(theme.L, theme.M, theme.M, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(self.tiles)
        column.addWidget(self.bar)
        column.addWidget(self.card, 1000)
        column.addWidget(self.empty, 1000)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(column, 1)
        row.addWidget(self.side)
        self.empty.hide()

    def _connect(self) -> None:
        self.times.chosen.connect(lambda key: self.set_evening(key == "evening"))
        self.team.chosen.connect(self._on_team)
        self.tiles.chosen.connect(lambda key: self.show_list(Listed(key)))
        self.table.opened.connect(self._on_opened)
        self.table.menu_asked.connect(self._on_menu)
        self.table.left.connect(self._on_person_cleared)
        self.table.desk.ticked.connect(self._on_ticked)
        self.table.desk.wanted.connect(self._on_wanted)
        self.bar.pressed.connect(lambda key: self.act(key, self.bar))
        self.bar.cleared.connect(lambda: self.table.desk.tick_all(False))
        self.bar.person_cleared.connect(self._on_person_cleared)
        self.side.person_chosen.connect(self.set_person)
        self.side.deal_wanted.connect(lambda deal: self.context.go("board", deal))
        self.side.standing_wanted.connect(self._on_standing)
        self.side.stuck_wanted.connect(lambda: self.show_list(Listed("stuck")))
        self.side.away_wanted.connect(self.show_away)
        self.side.away_menu.connect(self._on_away_menu)
        self.side.add_away.connect(lambda: self._add_absence(self.side.add_button))
        self.actions_.done.connect(lambda: self.table.desk.tick_all(False))
        self.actions_.leaving.connect(self._on_leaving)
        self.actions_.settled.connect(self._on_settled)
        self.context.person_changed.connect(self._on_me)

    def _add_keys(self) -> None:
        for place in range(1, len(MORNING) + 1):
            shortcuts.add(self, str(place), "", partial(self._on_digit, place))
        shortcuts.listed(self, f"1…{len(MORNING)}", N_("Open the list of a tile"), _GROUP)
        shortcuts.listed(self.table, "Return", N_("Open the deal"), _GROUP)
        shortcuts.listed(self.table, "Space", N_("Select the row"), _GROUP)
        shortcuts.listed(self.table, "Ctrl+A", N_("Select everything in the list"), _GROUP)
        shortcuts.add(self, "E", N_("Morning or evening"), self._on_turn, _GROUP)
        shortcuts.add(self, "N", N_("New task"), self._on_new_task, _GROUP)
        for key, text in _KEYS_SAY.items():
            shortcuts.add(self, KEYS[key], text, partial(self.act, key, self.bar), _GROUP)

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, self.times, self.team]

    def header_actions(self) -> list[QWidget]:
        return [self.absence_button, self.new_button]

    def activated(self) -> None:
        self.reading.seen()
        self.table.setFocus()

    def show_item(self, item: object) -> None:
        """A kind of list, or a person."""
        if isinstance(item, str) and item in _TILES:
            if item not in self._kinds():
                self.set_evening(item in EVENING)
            self.show_list(Listed(item))
        elif isinstance(item, int):
            self.set_person(item)

    def address(self) -> Mapping[str, str]:
        parts = {"at": "evening" if self.evening else "morning", "list": self.listed.kind}
        if self.listed.about:
            parts["of"] = str(self.listed.about)
        if self.person_id is not None:
            parts["person"] = str(self.person_id)
        return parts

    def go_to(self, parts: Mapping[str, str]) -> None:
        self.evening = parts.get("at", "evening" if self.evening else "morning") == "evening"
        kind = parts.get("list", "")
        self.person_id = number_in(parts, "person") or None
        if kind in words.TITLES:
            self.listed = Listed(kind, number_in(parts, "of"))
        self.times.set_value("evening" if self.evening else "morning")
        self.tiles.set_keys(self._kinds())
        self._asks_anew(step=False)

    def retranslate(self) -> None:
        self.title.setText(tr("Control desk"))
        self.times.set_texts({"morning": tr("Morning"), "evening": tr("Evening")})
        self.times.setAccessibleName(tr("Time of day"))
        for key in ("morning", "evening"):
            chip = self.times.chip(key)
            chip.setToolTip(shortcuts.hint(chip.text(), "E"))
        self.absence_button.set_text(tr("Absences"))
        self.new_button.set_text(tr("New task"))
        self.new_button.setToolTip(shortcuts.hint(tr("New task"), "N"))
        self.tiles.retranslate()
        self.bar.retranslate()
        self.table.retranslate()
        self.side.retranslate()
        if self._answer is not None:
            self._show_team(self._answer)
            self._show_list(self._answer.desk)

    # -- what is asked ------------------------------------------------------------------------

    def _kinds(self) -> tuple[str, ...]:
        return EVENING if self.evening else MORNING

    def _asked(self) -> Asked:
        team = self.context.remember.number("control/team") or None
        return Asked(self.context.person_id, team, self.evening, self.listed, self.person_id)

    def _asks_anew(self, step: bool = True) -> None:
        """Something else is asked for now."""
        self.tiles.choose(self.listed.kind)
        self.address_changed.emit(step)
        self.reading.refresh()

    def set_evening(self, evening: bool) -> None:
        """Look forward (morning) or back (evening); the list that is in both stays."""
        self.evening = evening
        self.times.set_value("evening" if evening else "morning")
        if self.listed.kind not in (*self._kinds(), "standing"):
            self.listed = Listed("left" if evening else "overdue")
        self.tiles.set_keys(self._kinds())
        self._asks_anew()

    def show_list(self, listed: Listed) -> None:
        """Show another list."""
        self.listed = listed
        self._asks_anew()

    def set_person(self, person_id: int | None) -> None:
        """Limit tiles and list to a person; to everybody again with None."""
        self.person_id = person_id
        if self.listed.kind == "standing":
            self.listed = Listed(self._kinds()[0])
        self._asks_anew()

    def show_away(self, away: Away) -> None:
        """Show the tasks of someone absent that may be handed over."""
        self._away, self.person_id = away, None
        self.show_list(Listed("absent", away.absence.id))
        self.table.setFocus()

    def _on_digit(self, place: int) -> None:
        if place <= len(self.tiles.keys):
            self.tiles.tiles[self.tiles.keys[place - 1]].setFocus()
            self._to_table = True
            self.tiles.press(place)

    def _on_turn(self) -> None:
        self.set_evening(not self.evening)

    def _on_team(self, value: Any) -> None:
        self.context.remember.set("control/team", int(value))
        self.person_id = None
        self._asks_anew()

    def _on_me(self) -> None:
        self.person_id, self._away = None, None
        self.reading.stale()

    def _on_person_cleared(self) -> None:
        if self.person_id is not None or self.listed.kind in ("standing", "absent"):
            self.set_person(None)
            if self.listed.kind == "absent":
                self.show_list(Listed(self._kinds()[0]))
        self.table.setFocus()

    def _on_standing(self, person_id: int | None, stage_id: int) -> None:
        self.person_id = person_id
        self.show_list(Listed("standing", stage_id))
        self.table.setFocus()

    def _on_wanted(self, ids: "array[int]") -> None:
        if self._answer is None:
            return
        listed = self.table.desk.listed

        def arrived(rows: list[Row]) -> None:
            if self.table.desk.listed == listed:
                self.table.desk.take_rows(rows)

        self.context.read(
            control.page, self._answer.desk.asked, ids, now=self.context.now(), done=arrived
        )

    # -- what is shown ------------------------------------------------------------------------

    def _show(self, answer: Answer) -> None:
        self._answer = answer
        desk = answer.desk
        if self._handed and self.listed.kind == "absent" and not desk.ids:
            self._handed = False  # everything was handed over: nothing is left to look at
            self.show_list(Listed(self._kinds()[0]))
            return
        self.actions_.loads = {load.person_id: load.numbers.opened for load in desk.loads}
        self._show_team(answer)
        self.tiles.set_counts({kind: desk.count(kind) for kind in self._kinds()})
        self.tiles.choose(self.listed.kind)
        self.table.desk.show_list(self.listed, desk.ids, desk.first, desk.now)
        self._show_list(desk)
        self.side.show_desk(desk)

    def _show_team(self, answer: Answer) -> None:
        root = answer.choices.root or tr("Everybody")
        options = [(_ALL, root)]
        deeper = 1 if answer.choices.root else 0
        options += [(key, "   " * (depth + 1 - deeper) + name)
                    for key, name, depth in answer.choices.teams]  # fmt: skip
        self.team.set_options(options, tr("Team"))
        self.team.set_value(answer.asked.team_id or _ALL)
        self.team.setVisible(len(options) > 1 or bool(answer.choices.root))

    def _show_list(self, desk: Desk) -> None:
        away = next((one for one in desk.away if one.absence.id == self.listed.about
                     and self.listed.kind == "absent"), None)  # fmt: skip
        self._away = away
        name, hand = self._named(desk), ""
        title = words.title(self.listed.kind)
        if self.listed.kind == "standing":
            stage = next((one.name for one in desk.stages if one.id == self.listed.about), "")
            title = stage or title
        if away is not None:
            name = away.name
            if away.substitute and desk.ids:
                hand = tr("Give all to {name}", name=away.substitute)
        self.bar.show_list(self.listed, counted(title, len(desk.ids)), name, hand)
        self.bar.show_ticked(len(self.table.desk.ticks), len(desk.ids))
        there = len(self.table.desk.ids) > 0
        self._pass_keyboard(there)
        self.empty.setVisible(not there)
        self.empty.set_texts(tr(words.EMPTY[self.listed.kind]))
        self._fit()

    def _pass_keyboard(self, there: bool) -> None:
        """A list that empties leaves the keyboard to its tile, and has it again with its rows."""
        tile = self.tiles.tiles.get(self.listed.kind)
        if not there and tile is not None and self.table.hasFocus():
            self._to_table = True
            tile.setFocus()
        self.card.setVisible(there)
        if there and self._to_table:
            self._to_table = False
            if tile is not None and tile.hasFocus():
                self.table.setFocus()

    def _named(self, desk: Desk) -> str:
        """The name of the person the page is limited to."""
        wanted = desk.asked.person_id
        if wanted is None:
            return ""
        return next((load.name for load in desk.loads if load.person_id == wanted), "")

    def _fit(self) -> None:
        """The card is as high as its rows, as far as there is room."""
        rows = len(self.table.desk.ids)
        head = self.table.head.sizeHint().height()
        self.card.setMaximumHeight(min(head + rows * ROW + _EDGES, 16_000_000))
        self.side.setVisible(self.width() >= _NARROW)
        self.side.setFixedWidth(WIDTH if self.width() >= _WIDE else WIDTH - theme.XL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_ticked(self) -> None:
        self.bar.show_ticked(len(self.table.desk.ticks), len(self.table.desk.ids))

    # -- what is done -------------------------------------------------------------------------

    def act(self, key: str, anchor: Anchor) -> None:
        """Do to what is selected (or to the row of the keyboard) what a button or a key says."""
        ids, kind = self.table.acted_on(), self.listed.kind
        closed, of_deals = kind in ("accept", "done"), self.listed.of_deals
        if not ids:
            return
        if isinstance(anchor, ListBar):
            anchor = self._anchor(key)
        if key == "hand":
            self._hand_over()
        elif key == "reassign" and not closed:
            self.actions_.reassign(ids, of_deals, anchor)
        elif key == "task" and of_deals:
            self.actions_.add_tasks(ids, anchor)
        elif key == "reopen" and kind == "done":
            self.actions_.reopen_ids(ids)
        elif kind == "accept" and key == "accept":
            self.actions_.accept_ids(ids)
        elif kind == "accept" and key == "give-back":
            self.actions_.give_back(ids, anchor)
        elif key == "postpone" and not closed and not of_deals:
            self.actions_.postpone(ids, anchor)
        elif key == "complete" and not closed and not of_deals:
            self.actions_.complete(ids, anchor)

    def _on_leaving(self, ids: list[int]) -> None:
        """What a command takes out of the list leaves it at once; the answer follows. A postponed
        task may stay in the lists of today."""
        if self.listed.kind in ("overdue", "waiting", "accept", "done"):
            self.table.desk.take_out(ids)
            self.tiles.set_counts({self.listed.kind: len(self.table.desk.ids)})

    def _on_settled(self) -> None:
        """The own command is over: read anew without waiting whether more changes follow."""
        if self.isVisible():
            self.reading.refresh()

    def _anchor(self, key: str) -> Anchor:
        """A form opens under its button; without the bar under the row of the keyboard."""
        button = self.bar.buttons.get(key)
        if button is not None and button.isVisible():
            return button
        rect = self.table.visualRect(self.table.currentIndex())
        return self.table.viewport().mapToGlobal(rect.bottomLeft() + QPoint(theme.XL, 0))

    def _hand_over(self) -> None:
        away = self._away
        if away is None or away.absence.substitute_id is None or away.substitute is None:
            return
        ids = self.table.desk.chosen() or list(self.table.desk.ids)
        self._handed = True
        self.actions_.give(ids, False, away.absence.substitute_id, away.substitute)

    def _on_opened(self, row: int) -> None:
        found = self.table.desk.row(row)
        if found is not None and found.deal_id is not None:
            self.context.go("board", found.deal_id)
        elif isinstance(found, TaskRow) and found.client_id is not None:
            self.context.go("clients", found.client_id)
        elif found is not None:
            self._on_menu(row, self._row_place(row))

    def _row_place(self, row: int) -> QPoint:
        rect = self.table.visualRect(self.table.desk.index(row, 1))
        return self.table.viewport().mapToGlobal(rect.bottomLeft())

    def _on_menu(self, row: int, place: QPoint) -> None:
        """The menu of a row; of everything selected when the row is."""
        model = self.table.desk
        ids = model.chosen() if model.ids[row] in model.ticks else [model.ids[row]]
        if self.listed.of_deals:
            self.actions_.deal_menu(ids, place).popup(place)
            return
        found = model.row(row)
        rows = [found] if found is not None else []
        self.actions_.task_menu(rows, ids, self.listed.kind, place).popup(place)

    def _on_new_task(self) -> None:
        self.actions_.new_task(None, self.new_button)

    # -- absences -----------------------------------------------------------------------------

    def _people(self) -> list[tuple[int, str]]:
        """For whom an absence may be entered: a team lead decides for others alone."""
        if self._answer is None:
            return []
        loads = self._answer.desk.loads
        me = self.context.person_id if self.context.role == "team_lead" else None
        found = [(load.person_id, load.name) for load in loads
                 if load.person_id is not None and load.person_id != me]  # fmt: skip
        return sorted(found, key=lambda one: one[1].casefold())

    def _on_absences(self) -> None:
        """Show them; with none, or without room for the side, add one."""
        if self.side.isVisible() and self._answer is not None and self._answer.desk.away:
            self.side.ensureWidgetVisible(self.side.away_card)
            self.side.away.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._add_absence(self.absence_button)

    def _add_absence(self, anchor: QWidget) -> None:
        self.actions_.add_absence(self._people(), anchor)

    def _on_away_menu(self, away: Away, place: QPoint) -> None:
        menu = self.actions_.away_menu(away, self._people(), self.show_away, place)
        QTimer.singleShot(0, menu, lambda: menu.popup(place))
