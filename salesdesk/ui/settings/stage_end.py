"""The form that archives a stage or merges it into another one: where its deals go, what else
changes, and what stays."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from salesdesk.services.pipelines import Stage
from salesdesk.services.stage_uses import Pointer, StageUse
from salesdesk.text import ntr, tr
from salesdesk.ui.settings.cells import Choice
from salesdesk.ui.settings.rule_forms import Form
from salesdesk.ui.widgets.labels import label

_WIDTH = 380
_NAMED = 5


class StageEndForm(Form):
    """``given`` comes with ``to``, the id of the stage that takes the place (None: none does)."""

    wide = _WIDTH

    def __init__(
        self, stage: Stage, use: StageUse, others: Sequence[Stage], merge: bool, parent: QWidget
    ) -> None:
        """``others``: the stages of the pipeline that can take its place."""
        title = (tr("Merge “{stage}” into", stage=stage.name) if merge
                 else tr("Archive “{stage}”", stage=stage.name))  # fmt: skip
        super().__init__("settings-stage-end", title, parent)
        outside = [pointer for pointer in use.pointers if not pointer.own]
        moves = use.deals > 0 and stage.kind == "open"
        self._asks = merge or moves or bool(outside)
        self.target = Choice("settings-stage-end-to", tr("The other stage"), _WIDTH, "plain")
        self.target.set_options([(other.id, other.name) for other in others], tr("Stage"))
        before = [other.id for other in others if other.position < stage.position]
        self.target.set_value(before[-1] if before else None)
        self._deals(stage, use, merge)
        if self._asks:
            self.body.addWidget(self.target)
        self._named(use, outside, merge)
        self._stays(moves)
        self.finish(tr("Merge") if merge else tr("Archive"))
        if self._asks and not others:
            self.wrong.setText(
                tr("There is no other stage of this kind in the pipeline: make one first.")
            )
            self.wrong.show()
            self.save.setEnabled(False)

    def _deals(self, stage: Stage, use: StageUse, merge: bool) -> None:
        if stage.kind != "open":
            words = tr("Deals that ended here stay where they ended: no past number changes.")
        elif use.deals and merge:
            words = ntr(
                "{n} deal stands here and goes there.", "{n} deals stand here and go there.",
                use.deals,
            )  # fmt: skip
        elif use.deals:
            words = ntr(
                "{n} deal stands here and goes to", "{n} deals stand here and go to", use.deals
            )
        else:
            words = tr("No deal stands here now.")
        self.body.addWidget(self._text(words))

    def _named(self, use: StageUse, outside: Sequence[Pointer], merge: bool) -> None:
        """The rules that change, by their names."""
        if outside:
            words = tr("These lead there from now on: {rules}.", rules=_names(outside))
            self.body.addWidget(self._text(words))
        own = [pointer for pointer in use.pointers if pointer.own]
        if own and merge:
            words = tr("These are that stage’s from now on: {rules}.", rules=_names(own))
            self.body.addWidget(self._text(words))
        elif own:
            words = tr("These rest until the stage comes back: {rules}.", rules=_names(own))
            self.body.addWidget(self._text(words))

    def _stays(self, moves: bool) -> None:
        words = tr("History, points and past reports keep the stage, and it can be taken back.")
        if moves:
            words = tr("Moving them makes no tasks, opens no deals and earns no points; their open "
                       "tasks go along.") + " " + words  # fmt: skip
        self.body.addWidget(self._text(words, "small"))

    def _text(self, words: str, role: str = "") -> QWidget:
        made = label(words, role, wrap=True)
        made.setFixedWidth(_WIDTH)
        return made

    def showEvent(self, event: object) -> None:
        (self.target if self._asks else self.save).setFocus()

    def values(self) -> dict[str, Any]:
        return {"to": self.target.value if self._asks else None}


def _names(pointers: Sequence[Pointer]) -> str:
    """What rules are called; of many, the first and how many more there are."""
    shown = ", ".join(tr("“{name}”", name=pointer.text) for pointer in pointers[:_NAMED])
    rest = len(pointers) - _NAMED
    return shown if rest <= 0 else ntr("{shown} and {n} more", "{shown} and {n} more", rest,
                                       shown=shown)  # fmt: skip
