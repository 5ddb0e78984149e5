"""The whole board: columns side by side, walked by keys, moved by mouse and keys."""

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.board.drag import CardDrag
from salesdesk.ui.board.lane import NARROW, WIDE, Lane
from salesdesk.ui.board.model import ColumnModel
from salesdesk.ui.board.paint import CardPainter
from salesdesk.ui.board.placing import Place
from salesdesk.ui.board.state import FIRST, Board

_KEY = Qt.Key
_CTRL = Qt.KeyboardModifier.ControlModifier
_GROUP = N_("Board")


class _Ground(QWidget):
    """What the columns lie on; opaque, so that scrolling only copies pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), theme.current().background)


class BoardView(QScrollArea):
    """The columns of a ``Board``.

    ``dropped(ids, stage_id, before)``: cards were moved by mouse or keys and are shown there,
    pending, until ``Board.settle`` or ``take_back``; ``before`` is a deal or 0 for the end.
    ``opened(id)``, ``selection_changed(ids)``, ``task_wanted(ids)``; ``folded(stage_id, bool)``: a
    column was collapsed or expanded by hand. ``refused()``: someone tried to move a card or to add
    a task on a ``read_only`` board, or to place a card where another order than by hand holds.
    """

    dropped = Signal(object, object, object)
    opened = Signal(object)
    selection_changed = Signal(object)
    task_wanted = Signal(object)
    folded = Signal(object, bool)
    refused = Signal()

    def __init__(self, board: Board, painter: CardPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.port = QWidget()
        self.setViewport(self.port)
        self.board = board
        self.lanes: list[Lane] = []
        self.painter = painter
        self._folds: dict[int, bool] = {}
        self._quiet = False
        self.read_only = False
        self._kept: list[int] = []
        self._kept_current = 0
        self._coming_back: list[int] = []
        self._keys_too = False
        self._body = _Ground()
        self._body.setObjectName("board-body")
        self._dress()
        self.drag = CardDrag(self, painter)
        board.rebuilt.connect(self._rebuild)
        board.heads_changed.connect(self.show_heads)
        board.heads_changed.connect(self._bring_back)
        board.refreshing.connect(self._keep)
        board.refreshed.connect(self._restore)
        theme.changed.connect(self._restyle)
        self.horizontalScrollBar().valueChanged.connect(lambda _value: self._pin())
        self._add_shortcuts()

    def _dress(self) -> None:
        self.setObjectName("board-view")
        self.setAccessibleName(tr("Board"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._body)

    def _add_shortcuts(self) -> None:
        shortcuts.add(self, "M", N_("Move the card to a stage"), self.choose_stage, _GROUP, False)
        shortcuts.add(self, "T", N_("Add a task"), self._on_task, _GROUP, False)
        shortcuts.add(self, "C", N_("Collapse the column"), self._collapse, _GROUP, False)
        for keys, text in (
            ("Up", N_("The card above")),
            ("Down", N_("The card below")),
            ("Left", N_("The column to the left")),
            ("Right", N_("The column to the right")),
            ("Return", N_("Open the deal")),
            ("Space", N_("Select or unselect the card")),
            ("Shift+Down", N_("Select more cards")),
            ("Ctrl+Right", N_("Move to the next stage")),
            ("Ctrl+Left", N_("Move to the stage before")),
            ("Ctrl+Up", N_("Move up in the column")),
            ("Ctrl+Down", N_("Move down in the column")),
        ):
            shortcuts.listed(self, keys, text, _GROUP)

    # -- columns ------------------------------------------------------------------------------

    def set_folds(self, folds: dict[int, bool]) -> None:
        """Which columns are collapsed, by stage; of others the won and lost ones are."""
        self._folds = dict(folds)
        self._fold_all()

    def folds(self) -> dict[int, bool]:
        """What was collapsed or expanded by hand."""
        return dict(self._folds)

    def _fold_all(self) -> None:
        for lane in self.lanes:
            closing = lane.model.column.kind != "open"
            lane.set_collapsed(self._folds.get(lane.stage_id, closing))
        self._arrange()
        missing = [x.model for x in self.lanes if not x.collapsed and not x.model.loaded]
        if missing:
            self.board.load(missing)
        self.show_heads()

    def collapsed(self) -> set[int]:
        """The stages whose columns are collapsed."""
        return {lane.stage_id for lane in self.lanes if lane.collapsed}

    def places_count(self) -> bool:
        """Whether the place in a column is the person's choice (no other sort order)."""
        return self.board.sort == "position"

    def _rebuild(self) -> None:
        self.drag.stop()
        focused = self.focus_lane()
        current = focused.cards.current_id() if focused is not None else 0
        self._coming_back, self._keys_too = self.selected_ids(), focused is not None
        for lane in self.lanes:
            lane.hide()
            lane.deleteLater()
        self.lanes = [self._lane(model) for model in self.board.columns]
        for lane in self.lanes:
            lane.show()
        self._fold_all()
        if focused is not None:
            self._focus_again(current)
        self._bring_back()

    def _focus_again(self, deal_id: int) -> None:
        """The keyboard goes to the card where it was, in other columns."""
        lane = next((x for x in self.lanes if deal_id in x.model.members), None)
        if lane is None or lane.collapsed:
            self.focus_cards()
            return
        lane.cards.setFocus()
        lane.cards.go(lane.model.row_of(deal_id))

    def _lane(self, model: ColumnModel) -> Lane:
        lane = Lane(model, self.painter, self.board.wording, self._body)
        cards = lane.cards
        cards.began.connect(lambda: self._begin(lane))
        cards.selected.connect(self._on_selected)
        cards.opened.connect(self.opened)
        cards.lifted.connect(lambda row, place: self._lift(lane, row, place))
        cards.dragged.connect(self.drag.move)
        cards.released.connect(self._release)
        cards.entered.connect(lambda: self._on_entered(lane))
        lane.folded.connect(lambda fold: self._fold(lane, fold))
        return lane

    def _fold(self, lane: Lane, fold: bool) -> None:
        self._folds[lane.stage_id] = fold
        self._fold_all()
        lane.focus_here()
        self.folded.emit(lane.stage_id, fold)

    def _collapse(self) -> None:
        lane = self.focus_lane()
        if lane is not None and not lane.collapsed:
            self._fold(lane, True)

    def show_heads(self) -> None:
        """Show names, counts and sums anew."""
        chosen = self.board.chosen
        limited = chosen.seen is not None
        filtered = not chosen.is_empty()
        first = not (limited and any(lane.model.column.count for lane in self.lanes))
        for at, lane in enumerate(self.lanes):
            lane.show_head(filtered, first and at == 0, limited)

    def _restyle(self) -> None:
        self.painter.restyle()
        self.board.set_heights(self.painter.heights())
        for lane in self.lanes:
            lane.cards.doItemsLayout()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setAccessibleName(tr("Board"))
        self._restyle()
        for lane in self.lanes:
            lane.forget()
            lane.cards.port.update()
        self.show_heads()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        lane = self.focus_lane()
        if lane is not None:
            self.ensureWidgetVisible(lane, 0, 0)

    def _arrange(self) -> None:
        """Share the width: strips are narrow, the others equal, between NARROW and WIDE."""
        edge, area = theme.L - 3, self.port.size()
        plain, _extras, gap = self.painter.heights()
        tall = area.height() if self.isVisible() else self.window().height()  # not laid out yet
        self.board.seen = min(FIRST, tall // (plain + gap) + 1)
        fixed = [lane.fixed_width() for lane in self.lanes]
        shared = fixed.count(None)
        room = area.width() - 2 * edge + 5 - sum(w for w in fixed if w is not None)
        width = min(max(room // max(1, shared), NARROW), WIDE)
        x = edge
        for lane, own in zip(self.lanes, fixed, strict=True):
            lane.setGeometry(x, 0, own or width, area.height())
            lane.place = x
            x += own or width
        self._body.resize(max(x + edge - 5, area.width()), area.height())
        self._pin()

    def _pin(self) -> None:
        """Keep the strips at the end (won and lost) in sight when the columns need more room."""
        edge = self.horizontalScrollBar().value() + self.port.width()
        right, spare = edge - theme.L + 8, theme.L - 8
        for lane in reversed(self.lanes):
            own = lane.fixed_width()
            if own is None:
                break
            right -= own
            pinned = right < lane.place
            lane.set_pinned(pinned)
            lane.setGeometry(min(lane.place, right), 0, own + spare * pinned, lane.height())
            spare = 0

    def lane_at(self, place: QPoint) -> Lane | None:
        """The column under a global place; strips that are kept in sight lie above the others."""
        x = self._body.mapFromGlobal(place).x()
        return next((n for n in reversed(self.lanes) if n.x() <= x < n.x() + n.width()), None)

    # -- what is selected ---------------------------------------------------------------------

    def selected_ids(self) -> list[int]:
        """The selected deals, column by column."""
        return [deal_id for lane in self.lanes for deal_id in lane.cards.chosen_ids()]

    def acting_ids(self) -> list[int]:
        """The selected deals, or the one under the keyboard."""
        lane = self.focus_lane()
        current = lane.cards.current_id() if lane is not None else 0
        return self.selected_ids() or ([current] if current else [])

    def focus_lane(self) -> Lane | None:
        """The column that has the keyboard."""
        return next((lane for lane in self.lanes if lane.has_focus()), None)

    def select(self, ids: list[int], focus: bool = True) -> None:
        """Select these deals; with ``focus`` the keyboard goes to the first of them."""
        self._quiet = True
        for lane in self.lanes:
            lane.cards.choose_ids(ids)
        self._quiet = False
        first = next((x for x in self.lanes if ids and x.model.row_of(ids[0]) >= 0), None)
        if first is not None and focus and not first.collapsed:
            first.cards.setFocus()
            first.cards.scrollTo(first.model.index(first.model.row_of(ids[0])))
            self.ensureWidgetVisible(first, 0, 0)
        self._on_selected()

    def focus_cards(self) -> None:
        """Give the keyboard to the board: where it was, else to the first card."""
        if self.focus_lane() is not None:
            return
        open_lanes = [lane for lane in self.lanes if not lane.collapsed]
        known = [lane for lane in open_lanes if lane.cards.currentIndex().isValid()]
        filled = [lane for lane in open_lanes if lane.model.ids]
        for lane in (*known, *filled, *open_lanes):
            lane.cards.setFocus()
            return

    def card_place(self, deal_id: int) -> QRect:
        """Where a card, or the strip that it went to, is on the screen (global)."""
        lane = next((x for x in self.lanes if x.model.row_of(deal_id) >= 0), None)
        if lane is not None and not lane.collapsed:
            port = lane.cards.port
            rect = lane.cards.card_rect(lane.model.row_of(deal_id)) & port.rect()
            return QRect(port.mapToGlobal(rect.topLeft()), rect.size())
        stage_id = self.board.placed_in(deal_id)
        widget = next((x.strip for x in self.lanes if x.stage_id == stage_id), self)
        return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())

    def _begin(self, lane: Lane) -> None:
        """A new selection begins in ``lane``: the others end."""
        self._quiet = True
        self._coming_back = []
        for other in self.lanes:
            other.cards.keeps = False
            if other is not lane:
                other.cards.clearSelection()
        self._quiet = False

    def _on_selected(self) -> None:
        if not self._quiet:
            self.selection_changed.emit(self.selected_ids())

    def _on_entered(self, lane: Lane) -> None:
        """One column at a time is a stop of the Tab key."""
        for other in self.lanes:
            here = other is lane
            policy = Qt.FocusPolicy.StrongFocus if here else Qt.FocusPolicy.ClickFocus
            other.cards.setFocusPolicy(policy)
            other.show_focus()

    def take_back(self, ids: list[int]) -> None:
        """The move was not made: the cards come back to where they are written, selected."""
        self._coming_back, self._keys_too = ids, True
        self.board.take_back(ids)

    def _bring_back(self) -> bool:
        """Select the cards that were to come back, when all of them are here again."""
        back = self._coming_back
        if not back or not all(map(self.board.where, back)):
            return False
        self._coming_back = []
        self.select(back, focus=self._keys_too and QApplication.activePopupWidget() is None)
        return True

    def _keep(self) -> None:
        self._kept = self.selected_ids()
        lane = self.focus_lane()
        self._kept_current = lane.cards.current_id() if lane is not None else 0

    def _restore(self) -> None:
        """Cards that were removed and inserted again are selected again; the keyboard follows."""
        if not self._bring_back() and self._kept and self.selected_ids() != self._kept:
            follow = self._kept_current in self._kept
            self.select(self._kept, focus=follow)
        self.show_heads()

    # -- moving -------------------------------------------------------------------------------

    def _lift(self, lane: Lane, row: int, place: QPoint) -> None:
        if self._refuses():
            return
        deal_id = lane.model.ids[row]
        ids = self.selected_ids()
        self.drag.begin(lane, row, place, ids if deal_id in ids else [deal_id])

    def _refuses(self, placing: bool = False) -> bool:
        refuses = self.read_only or (placing and not self.places_count())
        if refuses:
            self.refused.emit()
        return refuses

    def set_read_only(self, read_only: bool) -> None:
        """Take no moves, and look muted."""
        self.read_only = self.painter.muted = read_only
        self.drag.stop()
        for lane in self.lanes:
            lane.cards.port.update()

    def _release(self, place: QPoint) -> None:
        ids, target = self.drag.finish(place)
        if ids and target is not None:
            self.move_cards(ids, target)

    def move_cards(self, ids: list[int], place: Place) -> None:
        """Show the cards at ``place`` at once and say ``dropped``; nothing if they stand there."""
        if self._stand_there(ids, place) or self._refuses():
            return
        self.board.place(ids, place.stage_id, place.before)
        lane = next(x for x in self.lanes if x.stage_id == place.stage_id)
        if not lane.collapsed:
            self.select(ids)
        self.dropped.emit(ids, place.stage_id, place.before)

    def _stand_there(self, ids: list[int], place: Place) -> bool:
        model = self.board.column(place.stage_id)
        if model is None:
            return True
        rows = [model.row_of(deal_id) for deal_id in ids]
        if min(rows) < 0:
            return False
        together = rows == list(range(rows[0], rows[0] + len(rows)))
        stays = together and model.after(rows[-1] + 1) == place.before
        return stays or self._refuses(placing=True)

    def _shift(self, by: int) -> None:
        """Move the acting cards to the neighbour stage, to the top of its column."""
        lane, ids = self.focus_lane(), self.acting_ids()
        if lane is None or not ids:
            return
        at = self.lanes.index(lane) + by
        if 0 <= at < len(self.lanes):
            target = self.lanes[at].model
            self.move_cards(ids, Place(target.column.id, target.after(0, set(ids))))

    def _nudge(self, by: int) -> None:
        """Move the acting cards up or down by one card."""
        lane, ids = self.focus_lane(), self.acting_ids()
        if lane is None or not ids or self._refuses(placing=True):
            return
        rows = sorted(row for row in map(lane.model.row_of, ids) if row >= 0)
        if len(rows) != len(ids) or (by < 0 and rows[0] == 0):
            return
        row = rows[0] - 1 if by < 0 else rows[-1] + 2
        if by > 0 and rows[-1] == len(lane.model.ids) - 1:
            return
        self.move_cards(ids, Place(lane.stage_id, lane.model.after(row, set(ids))))

    def choose_stage(self) -> None:
        """Ask by a list at the card where it goes."""
        from salesdesk.ui.board.choose import Choice, ChoiceList

        ids = self.acting_ids()
        if not ids or self._refuses():
            return
        look = theme.current()
        here = self.board.where(ids[0])
        choices = [
            Choice(lane.stage_id, lane.model.column.name, look.stage(lane.model.column.colour))
            for lane in self.lanes
            if here is None or lane.model is not here
        ]
        popover = ChoiceList(tr("Move to"), choices, self)
        popover.chosen.connect(lambda stage_id: self._move_to(ids, stage_id))
        place = self.card_place(ids[0])
        popover.open_at(place.topLeft() + QPoint(theme.M, theme.XL))

    def _move_to(self, ids: list[int], stage_id: int) -> None:
        model = self.board.column(stage_id)
        if model is not None:
            self.move_cards(ids, Place(stage_id, model.after(0, set(ids))))

    def _on_task(self) -> None:
        ids = self.acting_ids()
        if ids and not self._refuses():
            self.task_wanted.emit(ids)

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, ctrl = event.key(), bool(event.modifiers() & _CTRL)
        side = {_KEY.Key_Left: -1, _KEY.Key_Right: 1}.get(_KEY(key), 0)
        updown = {_KEY.Key_Up: -1, _KEY.Key_Down: 1}.get(_KEY(key), 0)
        if key == _KEY.Key_Escape:
            self._escape(event)
        elif side:
            self._shift(side) if ctrl else self._step(side)
        elif updown and ctrl:
            self._nudge(updown)
        else:
            event.ignore()

    def _escape(self, event: QKeyEvent) -> None:
        if self.drag.is_on():
            self.drag.stop()
            for lane in self.lanes:
                lane.cards.stop_pulling()
        elif self.selected_ids():
            self.select([])
        else:
            event.ignore()

    def _step(self, by: int) -> None:
        """Walk to the neighbour column, to the card at the same height."""
        lane = self.focus_lane()
        if lane is None:
            return
        at = self.lanes.index(lane) + by
        if not 0 <= at < len(self.lanes):
            return
        other = self.lanes[at]
        row = lane.cards.currentIndex().row()
        y = lane.cards.card_rect(row).center().y() if row >= 0 and not lane.collapsed else 0
        keeps = lane.cards.keeps
        other.focus_here()
        self.ensureWidgetVisible(other, 0, 0)
        if not other.collapsed and other.model.ids:
            y = min(max(y, 0), other.cards.port.height())
            row = min(other.cards.row_at(y), len(other.model.ids) - 1)
            other.cards.keeps = keeps
            if not keeps:
                self._begin(other)
                other.cards.choose(row)
            else:
                other.cards.go(row)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.lanes:
            self._restyle()
