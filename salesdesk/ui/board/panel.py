"""The page of the board: pipeline switcher, filters, the board, a panel at its side."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from salesdesk.services import board as questions
from salesdesk.services.cards import BoardFilter, MoveResult, PipelineInfo
from salesdesk.text import N_, tr
from salesdesk.ui import addresses, formats, shortcuts
from salesdesk.ui.board import address
from salesdesk.ui.board.filters import FilterBar
from salesdesk.ui.board.moving import Mover
from salesdesk.ui.board.paint import CardPainter
from salesdesk.ui.board.past import PastBoardMode
from salesdesk.ui.board.state import MANY, Board
from salesdesk.ui.board.touched import touched
from salesdesk.ui.board.view import BoardView
from salesdesk.ui.board.whose import Whose
from salesdesk.ui.board.words import Wording
from salesdesk.ui.board.workspace import WorkspaceSource
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page
from salesdesk.ui.widgets.buttons import ComboButton, IconButton, PrimaryButton
from salesdesk.ui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from salesdesk.ui.board.choose import Choice
    from salesdesk.ui.board.pastchanges import ChangesPanel
    from salesdesk.ui.board.paststrip import PastStrip
    from salesdesk.ui.widgets.filter_parts import Part
    from salesdesk.ui.widgets.popup import Picker
    from salesdesk.ui.widgets.saved import SavedFilters

_GROUP = N_("Board")
_EVERYTHING = BoardFilter()
_MINUTE_MS = 60_000
_COUNT_MS = 250
_CALM_MS = 400
_FOLLOW_MS = 120
#: What only the first move needs is made ready so long after the first picture (and at the latest).
_WARM_MS, _WARM_LATEST_MS = 300, 3000
#: Of more changed clients the deals are not looked for: all cards are read again.
_CLIENTS = 400
#: So long after that the words of the cards are read, for whoever types a filter.
_PREPARE_MS = 1500
#: Changes by these are shown at once; others (imports, sync) are gathered for a moment.
_BY_PEOPLE = ("window", "undo", "cli")


class BoardPage(Page):
    """The board, of now or of any past day.

    ``deal_opened(id)``: show the deal beside the board, as of ``moment()``. ``deal_chosen(id)``:
    another card was selected (a panel that is open may follow). ``deal_left()``: show none.
    ``task_wanted(id)``: add a task to the deal.
    """

    deal_opened = Signal(object)
    deal_chosen = Signal(object)
    deal_left = Signal()
    task_wanted = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        wording = Wording(context.store.zone, context.ask(questions.currency), context.now())
        self._wording = wording
        self._painter = CardPainter(wording)
        self.board = Board(self._painter.heights(), wording, self._ask, context.after_picture)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._body = QWidget(self.splitter)
        self.view = BoardView(self.board, self._painter, self._body)
        self.filters = FilterBar(self._parts, self._saved_list, self._body)
        self.whose = Whose(context, self.filters)
        self.past = PastBoardMode(context, self.board, self.whose.owners, self._place_past, self)
        self.switcher = ComboButton("", "board-pipeline")
        self.switcher.setParent(self)  # till the header takes it: shown alone it were a window
        self.new_button = PrimaryButton("", "board-new", self.new_deal)
        self.past_button = IconButton("clock", "", "board-past", self.toggle_past)
        self.past_button.setCheckable(True)
        #: What is shown where there is no pipeline.
        self.empty: EmptyState | None = None
        self.pipelines: list[PipelineInfo] = []
        self.pipeline_id = 0
        self.deal_id = 0
        self._side: QWidget | None = None
        self._stale = False
        self._gathered: set[int] = set()
        self._mover = Mover(context, self.view, self._lost_reasons)
        self._build()
        self._connect()
        self.retranslate()
        self._open_first()
        self._warming = self._timer(_WARM_LATEST_MS, self._warm)
        self._warming.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._warming.interval() == _WARM_LATEST_MS and self._warming.isActive():
            self._warming.start(_WARM_MS)

    def _build(self) -> None:
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        self._left = column
        column.addWidget(self.view, 1)
        self.splitter.setObjectName("board-splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self.switcher.set_opens(self._pipeline_list)

    def _connect(self) -> None:
        self.filters.changed.connect(self.refilter)
        self.filters.left.connect(self.focus_board)
        self.filters.typing.connect(self.board.prepare)
        self.past.changed.connect(self._on_past)
        self.past.deal_wanted.connect(self.open_deal)
        self.view.opened.connect(self.open_deal)
        self.view.refused.connect(self._say_why_not)
        self.view.task_wanted.connect(lambda ids: self.task_wanted.emit(ids[0]))
        self.view.selection_changed.connect(self._on_selected)
        self.view.folded.connect(lambda _stage, _fold: self._remember_folds())
        self.context.bus.changed.connect(self._on_changed)
        self.context.rights_changed.connect(self._on_person)
        self._follow = self._timer(_FOLLOW_MS, self._on_follow)
        self._counting = self._timer(_COUNT_MS, self._count)
        self._preparing = self._timer(_PREPARE_MS, self.board.prepare)
        self._calm = self._timer(_CALM_MS, self._on_calm)
        self._minutes = QTimer(self, interval=_MINUTE_MS)
        self._minutes.timeout.connect(self._on_minute)
        self._minutes.start()
        shortcuts.add(self, "N", N_("New deal"), self.new_deal, _GROUP)
        shortcuts.add(self, "/", N_("Filter the cards"), self.filters.focus_field, _GROUP)
        shortcuts.add(self, "D", N_("The board of another day"), self.toggle_past, _GROUP)
        shortcuts.add(self, "Ctrl+M", N_("Merge the selected deals"), self.merge_deals, _GROUP)

    def _timer(self, interval: int, run: Any) -> QTimer:
        timer = QTimer(self, interval=interval, singleShot=True)
        timer.timeout.connect(run)
        return timer

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.switcher]

    def header_actions(self) -> list[QWidget]:
        return [self.past_button, self.new_button]

    def activated(self) -> None:
        if self._stale and not self.past.is_on():
            self._stale = False
            self._read_pipelines()
            self.board.forget_cards()
            self.board.refresh_all()
            self._counting.start()
        self.focus_board()

    def _make_pipeline(self) -> None:
        self.context.go("settings", "pipelines")

    def retranslate(self) -> None:
        self._show_pipeline()
        self.new_button.set_text(tr("New deal"))
        self.new_button.setToolTip(shortcuts.hint(tr("New deal"), "N"))
        self.past_button.set_text(
            tr("Any date"), shortcuts.hint(tr("The board of another day"), "D")
        )
        self.past.retranslate()
        self._say_empty()
        self.filters.retranslate()
        self._painter.restyle()
        self.view.retranslate()

    def show_item(self, item: object) -> None:
        if isinstance(item, int):
            self.show_deal(item)

    def closing(self) -> None:
        self._remember_folds()

    def set_side_panel(self, panel: QWidget) -> None:
        """Place a widget (the deal) at the right of the board; it shows and hides itself."""
        self._side = panel
        self.splitter.addWidget(panel)
        self.splitter.setStretchFactor(self.splitter.indexOf(panel), 0)

    def focus_board(self) -> None:
        """Give the keyboard to the cards."""
        self.view.focus_cards()

    def show_deal(self, deal_id: int) -> None:
        """Go to the pipeline of a deal (or of what it was merged into), select and open it."""
        from salesdesk.services.survivors import survivor

        deal_id = self.context.ask(survivor, "deal", deal_id)
        card = self.context.ask(questions.cards, [deal_id], now=self.context.now()).get(deal_id)
        if card is None:
            return
        self.past.leave()
        if self.board.column(card.stage_id) is None:
            pipeline = self.context.ask(questions.pipeline_of, card.stage_id)
            self.open_pipeline(pipeline)
        self.board.complete()
        self.view.select([deal_id])
        self.open_deal(deal_id)

    def moment(self) -> int | None:
        """The past moment that is shown; ``None`` for now."""
        return self.past.moment()

    def open_deal(self, deal_id: int) -> None:
        """Open a deal beside the board."""
        self.deal_id = deal_id
        if self.past.panel is not None:
            self.past.panel.hide()
        self.deal_opened.emit(deal_id)
        self.address_changed.emit(True)

    def deal_closed(self) -> None:
        """The panel of the deal was closed."""
        self.deal_id = 0
        if self.past.panel is not None and self.past.strip is not None:
            self.past.panel.setVisible(self.past.is_on() and self.past.strip.since.isChecked())
        self.focus_board()
        self.address_changed.emit(True)

    # -- address ------------------------------------------------------------------------------

    def address(self) -> Mapping[str, str]:
        return address.told(self)

    def go_to(self, parts: Mapping[str, str]) -> None:
        address.go(self, parts)

    # -- pipelines ----------------------------------------------------------------------------

    def _open_first(self) -> None:
        """What was shown last on this machine; a typed text, a past day and a deal are of then."""
        parts = addresses.read(self.context.remember.text("board/address")).parts
        address.choose(self, {name: text for name, text in parts.items() if name != "text"})
        self.whose.set_person(with_team=False)
        self.board.chosen, self.board.sort = self.whose.resolved(), self.filters.sort
        wanted = parts.get("pipeline", "")
        self._read_pipelines(int(wanted) if wanted.isdecimal() else 0)

    def _read_pipelines(self, wanted: int = 0) -> None:
        self.pipelines = self.context.ask(questions.pipelines)
        self.view.setVisible(bool(self.pipelines))
        if self.empty is None and not self.pipelines:
            self.empty = EmptyState("board-empty", "", "", self._make_pipeline, "board", self._body)
            self._left.addWidget(self.empty, 1)
            self._say_empty()
        if self.empty is not None:
            self.empty.setVisible(not self.pipelines)
        self.switcher.setVisible(bool(self.pipelines))
        self.new_button.setEnabled(bool(self.pipelines))
        self._show_pipeline()
        known = [pipeline.id for pipeline in self.pipelines]
        if known and self.pipeline_id not in known:  # none was there yet, or it was deleted
            self.open_pipeline(wanted if wanted in known else known[0])

    def _say_empty(self) -> None:
        if self.empty is not None:
            self.empty.set_texts(
                tr("There is no pipeline yet. Its stages become the columns."),
                tr("Make a pipeline"),
            )

    def _show_pipeline(self) -> None:
        name = next((p.name for p in self.pipelines if p.id == self.pipeline_id), "")
        self.switcher.set_text(name, tr("Pipeline: {name}", name=name))

    def _pipeline_list(self) -> "Picker":
        from salesdesk.ui.widgets.popup import Option, Picker

        options = [Option(pipeline.id, pipeline.name) for pipeline in self.pipelines]
        picker = Picker(options, "board-pipelines", tr("Pipeline"), self.pipeline_id, self)
        picker.picked.connect(self.open_pipeline)
        return picker

    def open_pipeline(self, pipeline_id: int) -> None:
        """Show another pipeline."""
        self.pipeline_id = pipeline_id
        self._show_pipeline()
        remember = self.context.remember
        folds = dict.fromkeys(remember.numbers("board/folded"), True)
        folds.update(dict.fromkeys(remember.numbers("board/unfolded"), False))
        self.view.set_folds(folds)
        if self.past.day is not None:
            self.past.enter(pipeline_id, self.past.day)
        else:
            self._open_now()
        self.address_changed.emit(True)

    def _open_now(self) -> None:
        self.board.chosen, self.board.sort = self.whose.resolved(), self.filters.sort
        self._wording.now = self.context.now()
        self.board.open(WorkspaceSource(self.context.store, self.pipeline_id, self.context.now))
        self._counting.start()

    def _remember_folds(self) -> None:
        folds = self.view.folds()
        self.context.remember.set("board/folded", [s for s, fold in folds.items() if fold])
        self.context.remember.set("board/unfolded", [s for s, fold in folds.items() if not fold])

    # -- filters ------------------------------------------------------------------------------

    def _ask(self, run: Any, done: Any, key: str) -> None:
        self.context.background.ask(run, done, self.context.fail, key=key)

    def _parts(self) -> "list[Part]":
        from salesdesk.ui.widgets import deal_parts

        return deal_parts.parts(self.context, self.whose.seen, past=self.past.is_on())

    def _saved_list(self) -> "SavedFilters":
        from salesdesk.ui.widgets.saved import SavedFilters

        texts = {k: text for k, text in self.filters.texts().items() if k != "text"}
        popover = SavedFilters(self.context, "board", texts, self)
        popover.chosen.connect(self.filters.choose)
        return popover

    def _on_person(self) -> None:
        self.whose.set_person(with_team=True)
        self.filters.more.forget_parts()
        if self.pipeline_id:
            self.refilter()

    def _warm(self) -> None:
        """After the first picture: what the first move needs, who is in the team, and the words of
        the cards."""
        from salesdesk.services import deals  # noqa: F401

        self.whose.set_person(with_team=True)
        self._preparing.start()

    def refilter(self, step: bool = True) -> None:
        """Show what the filter leaves."""
        if self.past.is_on():
            self.past.show_again()
        else:
            self.board.choose(self.whose.resolved(), self.filters.sort)
            self._counting.start()
        self.address_changed.emit(step)

    def _count(self) -> None:
        if self.pipeline_id and not self.past.is_on():
            self.context.read(
                questions.chip_counts, self.pipeline_id, self.whose.for_counts(),
                now=self.context.now(), done=self.filters.set_counts, key="board-counts",
            )  # fmt: skip

    # -- any date -----------------------------------------------------------------------------

    def toggle_past(self) -> None:
        """Show the board of another day (yesterday's first), or of now again."""
        if self.past.is_on():
            self.past.leave()
        elif self.pipeline_id:
            yesterday = self.context.store.zone.day_of(self.context.now()) - 1
            self.past.enter(self.pipeline_id, yesterday)

    def _place_past(self, strip: "PastStrip", panel: "ChangesPanel") -> None:
        self._left.insertWidget(self._left.indexOf(self.filters) + 1, strip)
        self.splitter.insertWidget(1, panel)
        self.splitter.setStretchFactor(1, 0)

    def _on_past(self, step: bool) -> None:
        """Another day is shown, or the present again."""
        past = self.past.is_on()
        if past != self.view.read_only:
            self.view.set_read_only(past)
            self.filters.set_past(past)
            self.past_button.setChecked(past)
            self.new_button.setEnabled(not past)
            if past:
                self.board.chosen, self.board.sort = _EVERYTHING, "position"
            else:
                self._open_now()
                self.focus_board()
        if self.deal_id:
            self.deal_opened.emit(self.deal_id)
        self.address_changed.emit(step)

    def _say_why_not(self) -> None:
        day = formats.day(self.past.day or 1)
        said = tr("This is the board of {day}: it can only be looked at.", day=day)
        if not self.view.read_only:
            said = tr("The board is sorted: choose “By hand” to place cards yourself.")
        self.context.say(said)

    # -- what changes -------------------------------------------------------------------------

    def _on_changed(self, changes: Any) -> None:
        if not self.isVisible() or self.past.is_on():
            self._stale = True
            self.past.refresh()
            return
        tables = changes.tables
        self._wording.now = self.context.now()
        if {"stage", "pipeline"} & tables.keys():
            self._read_pipelines()
        if {"stage", "pipeline", "rate", "setting"} & tables.keys():
            self.board.read_heads()
        clients = tables.get("client", ())
        if {"person", "stage"} & tables.keys() or len(clients) > _CLIENTS:
            self.board.forget_cards()
        elif clients:
            self.board.rename(self.context.ask(questions.deals_of, clients))
        if {"person", "team", "tag", "source", "custom_field"} & tables.keys():
            self.filters.more.forget_parts()
        if "custom_field" in tables or ("field_value" in tables and "deal" not in tables):
            self.board.refresh_all(anew=True)
        ids = touched(self.context.ask, tables)
        if ids and changes.origin in _BY_PEOPLE and len(ids) <= MANY:
            self.board.refresh(ids)
        elif ids:
            self._gathered.update(ids)
            if not self._calm.isActive():
                self._calm.start()
        self._counting.start()

    def _on_calm(self) -> None:
        ids, self._gathered = list(self._gathered), set()
        self.board.refresh([*ids, *self.context.ask(questions.parents_of, ids)])

    def _on_minute(self) -> None:
        """Tasks become overdue and days pass while nothing is written."""
        if self.isVisible() and not self.past.is_on():
            self._wording.now = self.context.now()
            self._painter.forget()
            self.board.forget_cards()
            self._counting.start()

    # -- cards --------------------------------------------------------------------------------

    def _on_selected(self, _ids: list[int]) -> None:
        self._follow.start()

    def _on_follow(self) -> None:
        ids = self.view.selected_ids()
        if len(ids) == 1:
            if self.deal_id and self.deal_id != ids[0]:
                self.deal_id = ids[0]
                self.address_changed.emit(False)
            self.deal_chosen.emit(ids[0])

    def merge_deals(self) -> None:
        """Merge the deals whose cards are selected, field by field."""
        ids = self.view.selected_ids()
        if self.past.is_on():
            return
        if len(ids) > 1:
            self.context.go("clients", ("merge_deals", tuple(ids)))
        else:
            self.context.say(tr("Select two cards or more (Ctrl and a click), then merge them."))

    def new_deal(self) -> None:
        """Ask for a title and make a deal in the first open stage."""
        from salesdesk.ui.board.new_deal import NewDealForm

        first = next((c.column for c in self.board.columns if c.column.kind == "open"), None)
        if first is None or self.past.is_on():
            return
        form = NewDealForm(first.name, self, self.context)
        form.deal_wanted.connect(self.show_deal)
        form.wanted.connect(lambda title: self._create(title, first.id))
        form.open_under(self.new_button if self.new_button.isVisible() else self.filters)

    def _create(self, title: str, stage_id: int) -> None:
        from salesdesk.services import deals

        new = deals.NewDeal(title=title, stage_id=stage_id, owner_id=self.context.person_id)
        self.context.write(
            deals.create, new, done=self._on_created,
            say=lambda result: tr("Created “{title}”", title=title),
        )  # fmt: skip

    def _on_created(self, result: MoveResult) -> None:
        deal_id = result.deal_ids[0]
        self.board.refresh([deal_id])
        self.view.select([deal_id])
        self.open_deal(deal_id)

    def _lost_reasons(self) -> "list[Choice]":
        from salesdesk.services import lists
        from salesdesk.ui.board.choose import Choice

        items = self.context.ask(lists.items, "lost_reasons")
        return [Choice(item.id, item.name) for item in items]
