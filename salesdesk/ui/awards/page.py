"""The page of awards: what waits to be confirmed, and the hall of past winners."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services import awards
from salesdesk.services.awards import Proposal, Quarter, Winner, quarter_name
from salesdesk.text import tr
from salesdesk.ui import saving, theme
from salesdesk.ui.awards import certificate
from salesdesk.ui.awards.hall import Hall
from salesdesk.ui.awards.proposal import ProposalCard
from salesdesk.ui.context import Context
from salesdesk.ui.page import Page
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.popup import menu

_WIDEST = 1040
_INDIFFERENT = frozenset(("note", "client", "client_contact", "tag", "deal_tag", "saved_filter"))


@dataclass(frozen=True, slots=True)
class Answer:
    """The awards, and what is proposed for the latest quarter without any (for a team lead)."""

    quarters: tuple[Quarter, ...]
    proposal: Proposal | None
    #: Whom whoever asks may not confirm: nobody else, or themselves.
    own: int | None


def read(r: Any, asked: tuple[bool, int | None], *, now: int) -> Answer:
    """What the page shows to somebody who may lead, or may not."""
    may_lead, person = asked
    waiting = awards.open_quarters(r, now=now) if may_lead else []
    proposal = awards.proposal(r, waiting[0], now=now) if waiting else None
    if proposal is not None and not proposal.standings:
        proposal = None
    own = person if awards.confirms_own(r, person, [person or 0]) else None
    return Answer(tuple(awards.hall(r)), proposal, own)


class AwardsPage(Page):
    """The hall; above it what a team lead has to confirm."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._answer: Answer | None = None
        self.title = label("", "heading")
        self.ranking_button = Button("", "awards-ranking", "chip", self._show_ranking)
        self.proposal = ProposalCard()
        self.card = Card(" ", theme.L)
        self.hall = Hall(context.store.zone)
        self.card.body.addWidget(self.hall)
        self.empty = EmptyState("awards-empty", " ", " ", self._show_ranking, "award")
        self.reading: Reading[tuple[bool, int | None], Answer] = Reading(
            self, context, self._asked, read, self._show, indifferent=_INDIFFERENT, calm=200
        )
        self._build()
        self.proposal.confirmed.connect(self._on_confirmed)
        self.hall.opened.connect(self._offer)
        context.rights_changed.connect(self.reading.stale)
        self.retranslate()

    def _build(self) -> None:
        inside = QWidget()
        inside.setProperty("role", "body")
        middle = QWidget()
        middle.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(middle)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.M)
        for widget in (self.proposal, self.card):
            column.addWidget(widget)
            widget.hide()
        column.addWidget(self.empty, 1)
        column.addStretch(1)
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName("awards-scroll")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
        self.empty.hide()

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title]

    def header_actions(self) -> list[QWidget]:
        return [self.ranking_button]

    def activated(self) -> None:
        self.reading.seen()
        self.hall.setFocus()

    def address(self) -> Mapping[str, str]:
        return {}

    def retranslate(self) -> None:
        self.title.setText(tr("Awards"))
        self.ranking_button.set_text(tr("Ranking"))
        self.area.setAccessibleName(tr("Awards"))
        self.hall.setAccessibleName(tr("Past winners"))
        self.card.title.set_text(tr("Past winners"))
        self.empty.set_texts(
            tr("Nobody has been awarded yet: after the end of a quarter its first three are "
               "proposed here."),
            tr("Show the ranking"),
        )  # fmt: skip
        self.proposal.retranslate()
        self.hall.reword()

    # -- what is shown ----------------------------------------------------------------------------

    def _asked(self) -> tuple[bool, int | None]:
        return self.context.may("lead"), self.context.person_id

    def _show(self, answer: Answer) -> None:
        self._answer = answer
        self.hall.set_items(answer.quarters)
        self.card.setVisible(bool(answer.quarters))
        self.proposal.setVisible(answer.proposal is not None)
        if answer.proposal is not None:
            self.proposal.show_proposal(answer.proposal, answer.own)
        self.empty.setVisible(answer.proposal is None and not answer.quarters)

    def _show_ranking(self) -> None:
        self.context.go("ranking", None)

    # -- confirming -------------------------------------------------------------------------------

    def _on_confirmed(self, month: int, places: Any, reason: str) -> None:
        said = tr("The awards of {quarter} are confirmed", quarter=quarter_name(month))
        self.context.write(
            awards.confirm, month, places, reason=reason, say=lambda _confirmed: said
        )

    def _take_back(self, quarter: Quarter) -> None:
        said = tr("The awards of {quarter} are taken back",
                  quarter=quarter_name(quarter.first_month))  # fmt: skip
        self.context.write(awards.withdraw, quarter.first_month, say=lambda _command: said)

    # -- what can be done with a quarter ----------------------------------------------------------

    def _offer(self, quarter: Quarter) -> None:
        entries: list[Any] = [
            (f"certificate-{one.id}", tr("Certificate of {name}…", name=one.person),
             lambda one=one: self._save(quarter, (one,)))
            for one in quarter.winners
        ]  # fmt: skip
        if len(quarter.winners) > 1:
            entries.append(
                ("certificates", tr("All certificates as one PDF…"),
                 lambda: self._save(quarter, quarter.winners))
            )  # fmt: skip
        if self.context.may("lead"):
            entries += [None, ("withdraw", tr("Take back…"), lambda: self._take_back(quarter))]
        menu(entries, "awards-menu", self).popup(self._place_of(quarter))

    def _place_of(self, quarter: Quarter) -> Any:
        """Below the row, or where the mouse is when it is over it."""
        at = self.hall.items.index(quarter)
        rect = self.hall.visualRect(self.hall.model().index(at, 0))
        mouse = self.hall.viewport().mapFromGlobal(QCursor.pos())
        if rect.contains(mouse):
            return QCursor.pos()
        return self.hall.viewport().mapToGlobal(rect.bottomLeft())

    def _save(self, quarter: Quarter, winners: tuple[Winner, ...]) -> None:
        name = winners[0].person if len(winners) == 1 else tr("Certificates")
        file = f"{quarter_name(quarter.first_month)} {name}.pdf"
        zone = self.context.store.zone

        def draw(path: Path) -> int:
            return certificate.save(quarter, winners, path, zone)

        saving.save_drawn(self.context, self, file, draw)
