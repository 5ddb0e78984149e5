"""The page of the board: pipeline switcher, filters, the board, a panel at its side."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from salesdesk.services import board as questions
from salesdesk.services.cards import MoveResult, PipelineInfo
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts
from salesdesk.ui.board.filters import FilterBar
from salesdesk.ui.board.moving import Mover
from salesdesk.ui.board.paint import CardPainter
from salesdesk.ui.board.state import MANY, Board
from salesdesk.ui.board.view import BoardView
from salesdesk.ui.board.words import Wording
from salesdesk.ui.board.workspace import WorkspaceSource
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page
from salesdesk.ui.widgets.buttons import ComboButton, PrimaryButton
from salesdesk.ui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from salesdesk.ui.board.choose import Choice
    from salesdesk.ui.widgets.popup import Picker

_GROUP = N_("Board")
_MINUTE_MS = 60_000
_COUNT_MS = 250
_CALM_MS = 400
_FOLLOW_MS = 120
#: What only the first move needs is made ready so long after the first picture (and at the latest).
_WARM_MS, _WARM_LATEST_MS = 300, 3000
#: Changes by these are shown at once; others (imports, sync) are gathered for a moment.
_BY_PEOPLE = ("window", "undo", "cli")


class BoardPage(Page):
    """The board.

    ``deal_opened(id)``: show the deal beside the board. ``deal_chosen(id)``: another card was
    selected (a panel that is open may follow). ``task_wanted(id)``: add a task to the deal.
    """

    deal_opened = Signal(object)
    deal_chosen = Signal(object)
    task_wanted = Signal(object)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        wording = Wording(context.store.zone, context.ask(questions.currency), context.now())
        self._wording = wording
        self._painter = CardPainter(wording)
        self.board = Board(self._painter.heights(), wording, self._ask)
        self.view = BoardView(self.board, self._painter)
        self.filters = FilterBar(context.remember)
        self.switcher = ComboButton("", "board-pipeline")
        self.switcher.setParent(self)  # till the header takes it: shown alone it were a window
        self.new_button = PrimaryButton("", "board-new", self.new_deal)
        self.pipelines: list[PipelineInfo] = []
        self.pipeline_id = 0
        self._stale = False
        self._gathered: set[int] = set()
        self._mover = Mover(context, self.view, self._lost_reasons)
        self._build()
        self._connect()
        self.retranslate()
        self._set_people()
        self._open_first()
        self._warming = self._timer(_WARM_LATEST_MS, self._warm)
        self._warming.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._warming.interval() == _WARM_LATEST_MS and self._warming.isActive():
            self._warming.start(_WARM_MS)

    def _build(self) -> None:
        self.empty = EmptyState("board-empty", "", icon="board")
        self.empty.hide()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(self.view, 1)
        column.addWidget(self.empty, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("board-splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.setStretchFactor(0, 1)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.splitter)
        self.switcher.set_opens(self._pipeline_list)

    def _connect(self) -> None:
        self.filters.changed.connect(self._on_filter)
        self.filters.left.connect(self.focus_board)
        self.view.opened.connect(self.deal_opened)
        self.view.task_wanted.connect(lambda ids: self.task_wanted.emit(ids[0]))
        self.view.selection_changed.connect(self._on_selected)
        self.view.folded.connect(lambda _stage, _fold: self._remember_folds())
        self.context.bus.changed.connect(self._on_changed)
        self.context.person_changed.connect(self._set_people)
        self._follow = self._timer(_FOLLOW_MS, self._on_follow)
        self._counting = self._timer(_COUNT_MS, self._count)
        self._calm = self._timer(_CALM_MS, self._on_calm)
        self._minutes = QTimer(self, interval=_MINUTE_MS)
        self._minutes.timeout.connect(self._on_minute)
        self._minutes.start()
        shortcuts.add(self, "N", N_("New deal"), self.new_deal, _GROUP)
        shortcuts.add(self, "/", N_("Filter the cards"), self.filters.focus_field, _GROUP)

    def _timer(self, interval: int, run: Any) -> QTimer:
        timer = QTimer(self, interval=interval, singleShot=True)
        timer.timeout.connect(run)
        return timer

    # -- the page as the window sees it -------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.switcher]

    def header_actions(self) -> list[QWidget]:
        return [self.new_button]

    def activated(self) -> None:
        if self._stale:
            self._stale = False
            self._read_pipelines()
            self.board.forget_cards()
            self.board.refresh_all()
            self._counting.start()
        self.focus_board()

    def retranslate(self) -> None:
        self._show_pipeline()
        self.new_button.set_text(tr("New deal"))
        self.new_button.setToolTip(shortcuts.hint(tr("New deal"), "N"))
        self.empty.set_texts(tr("There is no pipeline yet. Make one in the settings."))
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
        self.splitter.addWidget(panel)
        self.splitter.setStretchFactor(1, 0)

    def focus_board(self) -> None:
        """Give the keyboard to the cards."""
        self.view.focus_cards()

    def show_deal(self, deal_id: int) -> None:
        """Go to the pipeline of a deal, select its card and open it."""
        card = self.context.ask(questions.cards, [deal_id], now=self.context.now()).get(deal_id)
        if card is None:
            return
        if self.board.column(card.stage_id) is None:
            for pipeline in self.pipelines:
                columns = self.context.ask(questions.columns, pipeline.id, now=self.context.now())
                if any(column.id == card.stage_id for column in columns):
                    self.open_pipeline(pipeline.id)
        self.board.complete()
        self.view.select([deal_id])
        self.deal_opened.emit(deal_id)

    # -- pipelines ----------------------------------------------------------------------------

    def _open_first(self) -> None:
        self.board.chosen, self.board.sort = self.filters.chosen(), self.filters.sort
        self._read_pipelines()
        wanted = self.context.remember.number("board/pipeline")
        known = [pipeline.id for pipeline in self.pipelines]
        if known:
            self.open_pipeline(wanted if wanted in known else known[0])

    def _read_pipelines(self) -> None:
        self.pipelines = self.context.ask(questions.pipelines)
        self.view.setVisible(bool(self.pipelines))
        self.empty.setVisible(not self.pipelines)
        self.switcher.setVisible(bool(self.pipelines))
        self.new_button.setEnabled(bool(self.pipelines))
        self._show_pipeline()

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
        self.context.remember.set("board/pipeline", pipeline_id)
        self._show_pipeline()
        remember = self.context.remember
        folds = dict.fromkeys(remember.numbers("board/folded"), True)
        folds.update(dict.fromkeys(remember.numbers("board/unfolded"), False))
        self.view.set_folds(folds)
        source = WorkspaceSource(self.context.store, pipeline_id, self.context.now)
        self.board.open(source)
        self._counting.start()

    def _remember_folds(self) -> None:
        folds = self.view.folds()
        self.context.remember.set("board/folded", [s for s, fold in folds.items() if fold])
        self.context.remember.set("board/unfolded", [s for s, fold in folds.items() if not fold])

    # -- filters ------------------------------------------------------------------------------

    def _ask(self, run: Any, done: Any) -> None:
        self.context.background.ask(run, done, self.context.fail, key="board")

    def _set_people(self) -> None:
        """Whose deals the chips choose; the team is asked for when it is needed, or in a moment."""
        person = self.context.person_id
        mine = frozenset() if person is None else frozenset({person})
        team = mine
        if person is not None and (self.pipeline_id or self.filters.wants_team()):
            team = self.context.ask(_team_of, person)
        self.filters.set_people(mine, team)
        if self.pipeline_id:
            self._on_filter()

    def _warm(self) -> None:
        """After the first picture: what the first move needs, and who is in the team."""
        from salesdesk.services import deals  # noqa: F401

        self._set_people()

    def _on_filter(self) -> None:
        self.board.choose(self.filters.chosen(), self.filters.sort)
        self._counting.start()

    def _count(self) -> None:
        if self.pipeline_id:
            self.context.read(
                questions.chip_counts, self.pipeline_id, self.filters.owners(),
                now=self.context.now(), done=self.filters.set_counts, key="board-counts",
            )  # fmt: skip

    # -- what changes -------------------------------------------------------------------------

    def _on_changed(self, changes: Any) -> None:
        if not self.isVisible():
            self._stale = True
            return
        tables = changes.tables
        self._wording.now = self.context.now()
        if {"stage", "pipeline"} & tables.keys():
            self._read_pipelines()
        if {"stage", "pipeline", "rate", "setting"} & tables.keys():
            self.board.read_heads()
        if {"client", "person", "stage"} & tables.keys():
            self.board.forget_cards()
        ids = tables.get("deal", ())
        if ids and changes.origin in _BY_PEOPLE and len(ids) <= MANY:
            self.board.refresh(ids)
        elif ids:
            self._gathered.update(ids)
            if not self._calm.isActive():
                self._calm.start()
        self._counting.start()

    def _on_calm(self) -> None:
        ids, self._gathered = self._gathered, set()
        self.board.refresh(list(ids))

    def _on_minute(self) -> None:
        """Tasks become overdue and days pass while nothing is written."""
        if self.isVisible():
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
            self.deal_chosen.emit(ids[0])

    def new_deal(self) -> None:
        """Ask for a title and make a deal in the first open stage."""
        from salesdesk.ui.board.new_deal import NewDealForm

        first = next((c.column for c in self.board.columns if c.column.kind == "open"), None)
        if first is None:
            return
        form = NewDealForm(first.name, self)
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
        self.deal_opened.emit(deal_id)

    def _lost_reasons(self) -> "list[Choice]":
        from salesdesk.services import lists
        from salesdesk.ui.board.choose import Choice

        items = self.context.ask(lists.items, "lost_reasons")
        return [Choice(item.id, item.name) for item in items]


def _team_of(r: Any, person_id: int | None) -> frozenset[int]:
    """The people of the person's team and of the teams inside it; nobody without a team."""
    if person_id is None:
        return frozenset()
    from salesdesk.services import people

    found = people.person_of(r, person_id)
    if found.team_id is None:
        return frozenset()
    return frozenset(people.team_members(r, found.team_id))
