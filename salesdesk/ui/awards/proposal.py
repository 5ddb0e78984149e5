"""What is proposed for a quarter: the first places of its ranking, confirmed or changed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from salesdesk.services.awards import Proposal, Standing, quarter_name
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.awards import words
from salesdesk.ui.widgets.avatar import Avatar
from salesdesk.ui.widgets.buttons import LinkButton, PrimaryButton
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.switcher import Switcher

_NOBODY = 0
_FACE = 34
_REASON_WIDTH = 360


class _Place(QWidget):
    """A place and who gets it; ``chosen()`` when a person takes somebody else."""

    chosen = Signal()

    def __init__(self, at: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = 0
        self.face = Avatar(size=_FACE)
        self.word = label("", "muted")
        self.who = Switcher(f"awards-place-{at}")
        self.about = label("", "muted")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.face, 0, 0, 3, 1)
        for row, widget in enumerate((self.word, self.who, self.about)):
            grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        self.who.chosen.connect(lambda _value: self.chosen.emit())

    def offer(self, place: int, chosen: int, everybody: tuple[Standing, ...]) -> None:
        """Offer everybody with points for this place."""
        self.place = place
        options = [(one.person_id, one.person) for one in everybody]
        self.who.set_options([*options, (_NOBODY, tr("Nobody"))], tr(words.PLACES[place]))
        self.who.set_value(chosen)
        self.word.setText(tr(words.PLACES[place]))
        self.show_person({one.person_id: one for one in everybody})

    def show_person(self, known: dict[int, Standing]) -> None:
        """Who has it now, with the points and what else is to be known."""
        one = known.get(int(self.who.value or _NOBODY))
        self.face.set_person(one.person if one else None, one.person_id if one else 0)
        if one is None:
            self.about.setText("")
            return
        said = [words.points(one.points), "" if one.here else tr("does not work here any more")]
        self.about.setText(" · ".join(filter(None, said)))


class ProposalCard(Card):
    """``confirmed(first month, places or None, reason)`` when the awards are given."""

    confirmed = Signal(int, object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", theme.L, parent)
        self._found: Proposal | None = None
        self._own: int | None = None
        self.about = label("", "muted", wrap=True)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.XL)
        self._places: list[_Place] = []
        self.reason = QLineEdit()
        self.reason.setObjectName("awards-reason")
        self.reason.setMinimumWidth(_REASON_WIDTH)
        self.note = label("", "muted")
        self.reset = LinkButton("", "awards-reset", self._on_reset)
        self.confirm = PrimaryButton("", "awards-confirm", self._on_confirm)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        for widget in (self.reason, self.reset):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(self.note)
        foot.addWidget(self.confirm)
        self.body.setSpacing(theme.M)
        self.body.addWidget(self.about)
        self.body.addLayout(self._row)
        self.body.addLayout(foot)
        self.reason.textChanged.connect(lambda _text: self._on_changed())
        self.reason.returnPressed.connect(self._on_confirm)

    def show_proposal(self, found: Proposal, own: int | None = None) -> None:
        """Show what is proposed; what was being changed of the same quarter stays. ``own`` is who
        is not confirmed here: whoever looks."""
        self._own = own
        same = self._found is not None and (
            (self._found.first_month, self._found.standings) == (found.first_month, found.standings)
        )
        self._found = found
        if not same:
            self.reason.clear()
            self._offer()
        self.retranslate()

    def _offer(self) -> None:
        assert self._found is not None
        winners = self._found.winners
        while len(self._places) < len(winners):
            place = _Place(len(self._places) + 1, self)
            place.chosen.connect(self._on_changed)
            self._places.append(place)
            self._row.addWidget(place, 1)
        for at, place in enumerate(self._places):
            place.setVisible(at < len(winners))
            if at < len(winners):
                place.offer(winners[at].place, winners[at].person_id, self._found.standings)

    # -- what is chosen -----------------------------------------------------------------------

    def places(self) -> list[tuple[int, int]]:
        """The places as they stand: who follows somebody left out moves up."""
        assert self._found is not None
        there = self._places[: len(self._found.winners)]
        given = [(one.place, int(one.who.value)) for one in there if one.who.value]
        return [(1 + sum(other < place for other, _ in given), who) for place, who in given]

    def differs(self) -> bool:
        """Whether it is another than the ranking's."""
        assert self._found is not None
        return set(self.places()) != {(one.place, one.person_id) for one in self._found.winners}

    def _on_changed(self) -> None:
        if self._found is None:
            return
        known = {one.person_id: one for one in self._found.standings}
        for place in self._places:
            place.show_person(known)
        people = [who for _, who in self.places()]
        differs = self.differs()
        self.reason.setVisible(differs)
        self.reset.setVisible(differs)
        mine = self._own in people
        self.note.setText(
            tr("You are among them: another team lead or an administrator confirms.")
            if mine
            else ""
        )
        self.note.setVisible(mine)
        fits = bool(people) and len(set(people)) == len(people) and not mine
        self.confirm.setEnabled(fits and (not differs or bool(self.reason.text().strip())))

    def _on_reset(self) -> None:
        self.reason.clear()
        self._offer()
        self._on_changed()

    def _on_confirm(self) -> None:
        if self._found is not None and self.confirm.isEnabled():
            places = self.places() if self.differs() else None
            self.confirmed.emit(self._found.first_month, places, self.reason.text().strip())

    def retranslate(self) -> None:
        """Set every text anew."""
        if self._found is None:
            return
        quarter = quarter_name(self._found.first_month)
        self.title.set_text(tr("{quarter}: who is awarded?", quarter=quarter))
        closed = tr("By the closed months: nothing can change them any more.")
        still = tr("By the ranking of the quarter. Close its months first, and nothing can change "
                   "it any more.")  # fmt: skip
        self.about.setText(closed if self._found.closed else still)
        said = tr("Why other than the ranking says")
        self.reason.setPlaceholderText(said)
        self.reason.setAccessibleName(said)
        self.reset.set_text(tr("As the ranking says"))
        self.confirm.set_text(tr("Confirm the awards"))
        for at, place in enumerate(self._places[: len(self._found.winners)]):
            chosen = int(place.who.value or _NOBODY)
            place.offer(self._found.winners[at].place, chosen, self._found.standings)
        self._on_changed()
