"""The last step of connecting: what is what, and how much goes and comes first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services.sync import connect, mapping, remapping
from salesdesk.services.sync.connect import Offer
from salesdesk.services.sync.mapping import Pair
from salesdesk.services.sync.remote import FarPipeline
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.sync import words
from salesdesk.ui.sync.pairs import PairList
from salesdesk.ui.sync.trying import Makes, Trial
from salesdesk.ui.widgets.chips import Chip, ChipRow
from salesdesk.ui.widgets.labels import Card, label
from salesdesk.ui.widgets.since import Since

if TYPE_CHECKING:
    from salesdesk.ui.sync.running import SyncDesk


class MatchStep(QWidget):
    """``corrected()`` when a person has chosen otherwise; ``chosen`` is the mapping by now."""

    corrected = Signal()

    def __init__(self, context: Context, desk: "SyncDesk") -> None:
        super().__init__()
        self._context = context
        self._offer: Offer | None = None
        self._far: Mapping[str, int | None] = {}
        self._makes: Makes | None = None
        self._made: set[str] = set()
        #: Whether this is the mapping of a connection, to be changed.
        self._changes = False
        self.chosen: list[Pair] = []
        self.pairs: PairList | None = None
        self.trial = Trial(context, desk)
        self.trial.ended.connect(self._count)
        self.hint = label("", "muted", wrap=True)
        self.counts = label("", "", wrap=True)
        self.counts.setObjectName("sync-counts")
        self.sends = ChipRow([("all", ""), ("new", "")], "sync-sends", tr("What is sent first"))
        self.sends.chosen.connect(lambda _key: self._count())
        self.since_label = label("", "")
        self.since = Since("sync-since", "", lambda: tr("all of them"), self._today)
        self.since_hint = label("", "muted")
        self._holder = Card("", theme.XS)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.S)
        whole.addWidget(self.hint)
        whole.addWidget(self._area(), 1)
        whole.addWidget(self.counts)
        whole.addWidget(self.trial)
        whole.addWidget(self.sends, 0, Qt.AlignmentFlag.AlignLeft)
        since = QHBoxLayout()
        since.setSpacing(theme.S)
        since.addWidget(self.since_label)
        since.addWidget(self.since)
        since.addWidget(self.since_hint)
        since.addStretch(1)
        whole.addLayout(since)

    def _today(self) -> int:
        return self._context.store.zone.day_of(self._context.now())

    def _area(self) -> QScrollArea:
        inside = QWidget()
        inside.setProperty("role", "body")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._holder)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("sync-pairs-scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area

    def stops(self) -> list[QWidget]:
        """What the keyboard comes to, in order."""
        first = [self.pairs] if self.pairs is not None else []
        chips = self.sends.findChildren(Chip)
        if self._changes:
            return [*first, *chips]
        return [*first, self.trial.button, *chips, self.since]

    @property
    def sends_all(self) -> bool:
        """Whether what is here already is sent, too."""
        return self.sends.value() == "all"

    @property
    def is_ready(self) -> bool:
        """Whether anything would be synced."""
        return bool(self.made) or any(
            one.own.what == "pipeline" and one.far_id for one in self.chosen
        )

    @property
    def spare(self) -> list[FarPipeline]:
        """Pipelines there that none of here is mapped to."""
        taken = {one.far_id for one in self.chosen if one.own.what == "pipeline"}
        there = self._offer.structure.pipelines if self._offer is not None else ()
        return [one for one in there if one.far_id not in taken]

    @property
    def made(self) -> list[FarPipeline]:
        """Those of them that are to be made here."""
        return [one for one in self.spare if one.far_id in self._made]

    def show_offer(
        self, offer: Offer, far: Mapping[str, int | None], makes: Makes, made: Iterable[str] = ()
    ) -> None:
        """Show what was found at the other end; ``far`` counts what is there (None: unknown),
        ``makes`` the way to it, ``made`` are pipelines there that are made here unless somebody
        says otherwise."""
        self._offer, self._far, self._makes, self._made = offer, far, makes, set(made)
        self.chosen = list(offer.pairs)
        if self.pairs is not None:
            self.pairs.deleteLater()
        self.pairs = PairList("sync-pairs", offer.structure)
        self.pairs.corrected.connect(self._on_corrected)
        self.pairs.wanted.connect(self._on_wanted)
        self._holder.body.addWidget(self.pairs)
        self._show()

    def show_present(self, offer: Offer, makes: Makes) -> None:
        """Show the mapping of a connection, to be changed."""
        self._changes = True
        since = (self.since_label, self.since, self.since_hint)
        for widget in (self.trial, *since, self.counts, self.sends):
            widget.hide()
        self.show_offer(offer, {}, makes)
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.sends.set_texts({
            "all": tr("Send what is here"), "new": tr("Only what changes from now on"),
        })  # fmt: skip
        self.since_label.setText(tr("Moves of the CRM's history count"))
        self.since_hint.setText(tr("Choose it now: what was read counts as it did."))
        self.since.retranslate(tr("Moves of the CRM's history count"))
        self.hint.setText(tr(
            "Proposed by name, meaning and order. A pipeline without a partner is not synced; "
            "the CRM is not told of a person or a stage without one."
        ) if not self._changes else tr(
            "Choose another partner where one is wrong or missing; if no stage is free, add one in "
            "the settings first. What stands here holds: deals and tasks go in the CRM to the new "
            "partner of their stage and person."
        ))  # fmt: skip
        self.trial.retranslate()
        self._show(anew=False)

    def _on_wanted(self, far_id: str, made: bool) -> None:
        """A pipeline that is only there is to be made here, or not."""
        (self._made.add if made else self._made.discard)(far_id)
        self._show()
        self.corrected.emit()

    def _on_corrected(self, pair: Pair) -> None:
        """A person has chosen; the stages of another pipeline are proposed anew."""
        assert self._offer is not None
        self.chosen = [pair if one.own == pair.own else one for one in self.chosen]
        if pair.own.what == "pipeline":
            self.chosen = _proposed_stages(self.chosen, pair, self._offer)
        self._show()
        self.corrected.emit()

    def _show(self, anew: bool = True) -> None:
        """The mapping; ``anew``: it is another one than before."""
        if self.pairs is None or self._offer is None or self._makes is None:
            return
        self.pairs.show_pairs(self.chosen, self.spare, self._made)
        if anew:
            made = [one.far_id for one in self.made]
            self.trial.show_plan(self._offer, self.chosen, made, self._makes)
        self._count()

    def _count(self) -> None:
        counts = remapping.counts if self._changes else connect.first_counts
        self._context.read(counts, list(self.chosen), done=self._on_counts, key="sync-counts")

    def _on_counts(self, counts: Mapping[str, int]) -> None:
        for widget in (self.counts, self.sends):
            widget.setVisible(not self._changes or any(counts.values()))
        parts = [words.counted(entity, counts[entity]) for entity in ("deal", "task", "note")]
        if counts["deal"]:
            parts[0] = tr("{deals}, with the clients", deals=parts[0])
        out = tr("Sent first: {what}.", what=", ".join(parts))
        if not self.sends_all:
            out = tr("Sent first: nothing; only what changes from now on.")
        far = [
            f"{tr(words.STREAMS[name])} {formats.whole(n)}"
            for name, n in self._far.items()
            if n is not None
        ]
        told = tr("Read first: {what}.", what=", ".join(far)) if far else tr(
            "Read first: everything in the CRM; it does not tell how much."
        )  # fmt: skip
        told_already = self.trial.has_found or self._changes
        self.counts.setText(out if told_already else f"{out}\n{told}")


def _proposed_stages(pairs: list[Pair], chosen: Pair, offer: Offer) -> list[Pair]:
    """The stages of a pipeline for another far one."""
    own = [chosen.own, *(one.own for one in pairs if one.own.within == chosen.own.id)]
    far = [one for one in offer.structure.pipelines if one.far_id == chosen.far_id]
    structure = replace(offer.structure, pipelines=tuple(far))
    found = {one.own: one for one in mapping.propose(own, structure) if one.own.what == "stage"}
    return [found.get(one.own, one) for one in pairs]
