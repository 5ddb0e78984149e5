"""The panel for the lead: doubtful moves of the period, those that were looked at, and all rulings.

Each line says why it is there; its menu opens the deal, voids or credits the reach, or marks the
move as looked at, with a note."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.services import doubts, rulings
from salesdesk.services.doubts import Doubt
from salesdesk.services.periods import Period
from salesdesk.services.ranking_explain import Line
from salesdesk.services.rulings import Told
from salesdesk.text import ntr, tr
from salesdesk.ui.context import Context
from salesdesk.ui.ranking import doubt_reasons, doubt_words
from salesdesk.ui.ranking.query import Asked
from salesdesk.ui.ranking.review_button import TABLES
from salesdesk.ui.ranking.review_list import ReviewList
from salesdesk.ui.ranking.ruling import Entry, Rulings, open_at
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button, LinkButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.lines import LineItem
from salesdesk.ui.widgets.panel import SidePanel
from salesdesk.ui.widgets.period import days_text
from salesdesk.ui.widgets.reason import ReasonForm
from salesdesk.ui.widgets.switcher import Switcher

_FIRST, _MORE = 40, 200
_CALM_MS = 200
_OPEN, _LOOKED, _RULINGS = "open", "looked", "rulings"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the panel lists: of which days and pipeline, which list, for which reason, how many."""

    period: Period
    pipeline_id: int | None
    kind: str
    reason: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What was found; ``more``: there are others further back."""

    wanted: Wanted
    found: tuple[Doubt, ...] | tuple[Told, ...]
    more: bool


class ReviewPanel(SidePanel):
    """``person_wanted(id)``: the points of this person are to be explained."""

    person_wanted = Signal(int)

    def __init__(self, context: Context, ruling: Rulings, parent: QWidget | None = None) -> None:
        super().__init__("ranking-review", "", parent=parent)
        self._context, self._rulings = context, ruling
        self._asked: Asked | None = None
        self._limit = _FIRST
        self._listed: Listed | None = None
        self.days = label("", "muted")
        kinds = [(_OPEN, " "), (_LOOKED, " "), (_RULINGS, " ")]
        self.kind = ChipRow(kinds, "ranking-review-kind", " ", wraps=True)
        self.reason = Switcher("ranking-review-reason", look="plain")
        self.lines = ReviewList("ranking-review-list")
        self.nothing = label("", "muted", wrap=True)
        self.more = LinkButton("", "ranking-review-more", self._on_more)
        self.all_looked = Button("", "ranking-review-all", "plain", self._on_all)
        self.reading = Reading(
            self, context, self._wanted, _read, self._show, tables=TABLES, calm=_CALM_MS
        )
        self._build()

    def _build(self) -> None:
        self.body.addWidget(self.days)
        self.body.addWidget(self.kind)
        self.body.addWidget(self.reason, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.lines)
        self.body.addWidget(self.nothing)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.foot.addWidget(self.all_looked)
        self.kind.chosen.connect(lambda _key: self._on_chosen())
        self.reason.chosen.connect(lambda _key: self._on_chosen())
        self.lines.opened.connect(self._on_opened)
        self.lines.ruling_asked.connect(self._on_menu)

    def retranslate(self) -> None:
        super().retranslate()
        title = tr("To check")
        self.set_title(title)
        for widget in (self, self.area):
            widget.setAccessibleName(title)
        self.kind.setAccessibleName(tr("Which list"))
        self.kind.set_texts(
            {_OPEN: tr("Doubtful"), _LOOKED: tr("Looked at"), _RULINGS: tr("Rulings")}
        )
        self.reason.set_options(doubt_reasons.options(), tr("Reason"))
        self.more.set_text(tr("Further back…"))
        self.all_looked.set_text(tr("All of these are in order…"))
        if self._listed is not None:
            self._show(self._listed)

    # -- what is listed -----------------------------------------------------------------------

    def opened(self) -> None:
        """The panel was opened: read, and give the list the keyboard."""
        self._limit = _FIRST
        self.reading.refresh()
        self.lines.setFocus()

    def set_asked(self, asked: Asked) -> None:
        """Other days, another pipeline."""
        known, self._asked = self._asked, asked
        same = known is not None and (known.period, known.pipeline_id) == (
            asked.period, asked.pipeline_id,
        )  # fmt: skip
        if not same and self.isVisible():
            self._on_chosen()

    def _on_chosen(self) -> None:
        self._limit = _FIRST
        self.area.verticalScrollBar().setValue(0)
        self.reading.refresh()

    def _on_more(self) -> None:
        self._limit += _MORE
        self.reading.refresh()

    def _wanted(self) -> Wanted | None:
        if self._asked is None:
            return None
        return Wanted(self._asked.period, self._asked.pipeline_id, self.kind.value(),
                      self.reason.value or None, self._limit)  # fmt: skip

    def _show(self, found: Listed) -> None:
        self._listed = found
        zone, now = self._context.store.zone, self._context.now()
        period = found.wanted.period.until(zone.day_of(now))
        self.days.setText(days_text(period.first_day, period.last_day))
        items = [self._item(one) for one in found.found]
        self.lines.set_items(items)
        spoken = ntr("{n} move", "{n} moves", len(items))
        self.lines.setAccessibleName(f"{tr('To check')}, {spoken}")
        self.lines.setVisible(bool(items))
        self.nothing.setVisible(not items)
        self.nothing.setText(_nothing(found.wanted))
        self.more.setVisible(found.more)
        self.reason.setVisible(found.wanted.kind != _RULINGS)
        self.all_looked.setVisible(found.wanted.kind == _OPEN and len(self._to_look()) > 1)

    def _item(self, one: Doubt | Told) -> LineItem:
        zone, now = self._context.store.zone, self._context.now()
        if isinstance(one, Doubt):
            return doubt_words.doubt_item(one, zone, now)
        ruled = one.holds and one.kind != "restore" and self._may(one.holder_id)
        return doubt_words.ruling_item(one, zone, now, ruled)

    # -- what can be done ---------------------------------------------------------------------

    def _may(self, person_id: int | None) -> bool:
        """Whether this person's moves are for the one who works here to decide about."""
        return person_id is None or self._rulings.may(person_id)

    def _on_opened(self, item: LineItem) -> None:
        self._context.go("board", item.source.deal_id)

    def _on_menu(self, item: LineItem, place: QPoint) -> None:
        one = item.source
        entries: list[Entry | None] = [*self._rulings.to_open(one.deal_id)]
        if isinstance(one, Told):
            line = Line(0, False, deal_id=one.deal_id, deal=one.deal, move_id=one.move_id,
                        stage_id=one.stage_id, stage=one.stage, ruling=one.kind)  # fmt: skip
            entries += [None, *self._rulings.entries(line, one.holder_id or 0, place)]
        else:
            entries += self._about(one, place)
        self._rulings.show(entries, place)

    def _about(self, one: Doubt, place: QPoint) -> list[Entry | None]:
        """What can be done about a doubtful move."""
        found: list[Entry | None] = []
        if one.task_id is not None:
            task = one.task_id
            found.append(("task", tr("Open the task"), lambda: self._context.go("tasks", task)))
        if one.owner_id is not None:
            owner = one.owner_id
            words = tr("Points of {name}", name=one.owner)
            found.append(("points", words, lambda: self.person_wanted.emit(owner)))
        found.append(None)
        for earned in one.earned:
            if self._may(earned.person_id):
                line = Line(earned.points, deal_id=one.deal_id, deal=one.deal, number=one.number,
                            move_id=one.move_id, stage_id=earned.stage_id,
                            stage=earned.stage)  # fmt: skip
                found += self._rulings.entries(line, earned.person_id, place)
        if not self._is_mine(one):
            if one.looked_at is None:
                looked = tr("It is in order…")
                found.append(("look", looked, lambda: self._ask_look([one], place)))
            else:
                found.append(("list", tr("List it again"), lambda: self._relist(one)))
        return found if found[-1] is not None else found[:-1]

    def _is_mine(self, one: Doubt) -> bool:
        """Nobody decides about a move of their own."""
        mine = self._context.person_id
        people = {one.owner_id, *(earned.person_id for earned in one.earned)}
        return mine is not None and mine in people

    def _to_look(self) -> list[Doubt]:
        listed = self._listed.found if self._listed is not None else ()
        return [one for one in listed if isinstance(one, Doubt) and not self._is_mine(one)]

    def _on_all(self) -> None:
        self._ask_look(
            self._to_look(), self.all_looked.mapToGlobal(self.all_looked.rect().topRight())
        )

    def _ask_look(self, found: list[Doubt], place: QPoint) -> None:
        title = tr("“{deal}” is in order", deal=found[0].deal)
        if len(found) > 1:
            title = ntr("{n} move is in order", "{n} moves are in order", len(found))
        hint = tr("It leaves the list; “Looked at” has it, with your note.")
        form = ReasonForm("ranking-look", title, tr("In order"), hint, self, note=tr("Note"))
        form.given.connect(lambda note: self._look(found, note))
        open_at(form, place)

    def _look(self, found: list[Doubt], note: str) -> None:
        said = ntr("{n} move was looked at", "{n} moves were looked at", len(found))
        moves = list(dict.fromkeys(one.move_id for one in found))
        self._context.write(doubts.look, moves, note, say=lambda _: said)

    def _relist(self, one: Doubt) -> None:
        said = tr("“{deal}” is listed again", deal=one.deal)
        self._context.write(doubts.relist, [one.move_id], say=lambda _: said)


def _nothing(wanted: Wanted) -> str:
    """What an empty list says."""
    if wanted.kind == _RULINGS:
        return tr("Nobody voided or credited a reach in these days.")
    if wanted.kind == _LOOKED:
        return tr("No move of these days was looked at.")
    return tr("Nothing is doubtful in these days.")


def _read(r: Any, wanted: Wanted, *, now: int) -> Listed:
    if wanted.kind == _RULINGS:
        told = rulings.of_period(r, wanted.period)
        return Listed(wanted, tuple(told[: wanted.limit]), len(told) > wanted.limit)
    page = doubts.page(
        r, wanted.period, now=now, pipeline_id=wanted.pipeline_id, reason=wanted.reason,
        looked=wanted.kind == _LOOKED, limit=wanted.limit,
    )  # fmt: skip
    return Listed(wanted, page.doubts, page.after is not None)
