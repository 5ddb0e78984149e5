"""From a dropped card to the workspace: the reason asked for, the verb, the toast, the way back."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject

from salesdesk.services.cards import MoveResult
from salesdesk.text import tr
from salesdesk.ui.board.view import BoardView
from salesdesk.ui.context import Context
from salesdesk.ui.move_words import moved

if TYPE_CHECKING:
    from salesdesk.services.fulfilling import Given
    from salesdesk.services.requirements import MoveRefused
    from salesdesk.ui.board.choose import Choice

Reasons = Callable[[], "list[Choice]"]


class Mover(QObject):
    """Writes what the board view drops."""

    def __init__(self, context: Context, view: BoardView, reasons: Reasons) -> None:
        super().__init__(view)
        self._context = context
        self._view = view
        self._reasons = reasons
        view.dropped.connect(self.move)

    def move(self, ids: list[int], stage_id: int, before: int) -> None:
        """Write a move that the board shows already; asks for the reason of a refusal first."""
        board = self._view.board
        model = board.column(stage_id)
        stays = all(
            (card := board.cards.get(deal_id)) is not None and card.stage_id == stage_id
            for deal_id in ids
        )
        if model is not None and model.column.kind == "lost" and not stays:
            choices = self._reasons()
            if choices:
                self._ask_reason(ids, stage_id, before, choices)
                return
        self._write(ids, stage_id, before)

    def _ask_reason(
        self, ids: list[int], stage_id: int, before: int, choices: "list[Choice]"
    ) -> None:
        from salesdesk.ui.board.choose import ChoiceList

        popover = ChoiceList(tr("Why is it lost?"), choices, self._view)
        popover.chosen.connect(lambda reason: self._write(ids, stage_id, before, reason))
        popover.cancelled.connect(lambda: self._take_back(ids))
        popover.open_at(self._view.card_place(ids[0]).center())

    def _write(
        self,
        ids: list[int],
        stage_id: int,
        before: int,
        reason: int | None = None,
        override: str | None = None,
        given: "Sequence[Given]" = (),
    ) -> None:
        from salesdesk.services import deals

        def failed(error: Exception) -> bool:
            self._take_back(ids)
            if isinstance(error, deals.MoveRefused):
                drop = Drop(ids, stage_id, before, reason)
                self._ask_for(error, drop)
                return True
            return False

        self._context.write(
            deals.move, ids, stage_id, before=before, lost_reason_id=reason, override=override,
            given=given, done=self._on_done, failed=failed,
        )  # fmt: skip

    def _on_done(self, result: MoveResult) -> None:
        self._view.board.settle(result.deal_ids)
        if result.from_stage is not None:
            self._context.say(moved(result), result.command_id)

    def _take_back(self, ids: list[int]) -> None:
        self._view.take_back(ids)

    def _ask_for(self, error: "MoveRefused", drop: "Drop") -> None:
        """Ask for what the stage wants there and then; a lead may move without it."""
        from salesdesk.ui.requirements import RequirementsForm

        form = RequirementsForm(self._context, error.missing, self._view)
        form.cancelled.connect(lambda: self._context.say(error.text()))
        form.given.connect(lambda given: self._again(drop, None, given))
        form.anyway.connect(lambda why: self._again(drop, why, ()))
        form.open_at(self._view.card_place(drop.ids[0]).center())

    def _again(self, drop: "Drop", override: str | None, given: "Sequence[Given]") -> None:
        self._view.board.place(drop.ids, drop.stage_id, drop.before)
        self._write(drop.ids, drop.stage_id, drop.before, drop.reason, override, given)


class Drop(NamedTuple):
    """Where cards were dropped, and why they are lost if they are."""

    ids: list[int]
    stage_id: int
    before: int
    reason: int | None
