"""Results of the ranking for the CRM: which computer publishes them, which of them, and where."""

from typing import Any

from PySide6.QtCore import Qt

from salesdesk.services.sync import deciding, maps, reasons
from salesdesk.services.sync.desk import Choices
from salesdesk.services.sync.options import RESULTS
from salesdesk.services.sync.publish import Chosen
from salesdesk.services.sync.remote import Place
from salesdesk.text import N_, tr, trp
from salesdesk.ui import formats
from salesdesk.ui.settings.section import Section, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, label

_NAME = 160
_RESULTS = {"points": N_("Points"), "rank": N_("Rank"), "band": N_("Level of the plan"),
            "at": N_("Moment of counting")}  # fmt: skip
_HINTS: dict[Place, str] = {
    "deal": N_("Once a day each deal in work gets the chosen results of its responsible person "
               "this month, in fields of its own; only what changed is sent. One computer of the "
               "team does it; the others read in the CRM which."),
    "person": N_("Once a day each user of the CRM who is mapped to a person here gets that "
                 "person's chosen results of this month, in fields of their own; only what changed "
                 "is sent. One computer of the team does it; the others read in the CRM which."),
}  # fmt: skip


class Publishing(Card):
    """The card. What is chosen here holds for this computer: while another one publishes, only
    that one is named."""

    def __init__(self, section: Section) -> None:
        super().__init__(tr("Results of the ranking"))
        self._section = section
        said = tr("This computer publishes them to the CRM")
        self.publish = Flag("settings-sync-publish", said, said)
        self.publish.chosen.connect(self._on_publish)
        self.other = label("", "", wrap=True)
        self.other.setObjectName("settings-sync-publisher")
        said = tr("Let this computer publish instead")
        self.take_over = Button(said, "settings-sync-take-over", "plain", self._on_take_over)
        self.body.addWidget(self.publish)
        self.body.addWidget(self.other)
        self.body.addWidget(self.take_over, 0, Qt.AlignmentFlag.AlignLeft)
        self._build_results()
        self._build_places()
        self.refused = label("", "problem", wrap=True)
        self.refused.setObjectName("settings-sync-results-refused")
        self.again = Button(
            tr("Try again now"), "settings-sync-results-again", "plain", self._on_again
        )
        self.last = label("", "", wrap=True)
        self.last.setObjectName("settings-sync-results-last")
        self.hint = label("", "muted", wrap=True)
        self.body.addWidget(self.refused)
        self.body.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.last)
        self.body.addWidget(self.hint)

    def _build_results(self) -> None:
        said = tr("What is published")
        name = label(said, "")
        name.setFixedWidth(_NAME)
        self.flags: dict[str, Flag] = {}
        for key in RESULTS:
            text = tr(_RESULTS[key])
            flag = self.flags[key] = Flag(f"settings-sync-result-{key}", f"{said}: {text}", text)
            flag.chosen.connect(self._on_results)
        self.results = inline(name, *self.flags.values(), 1)
        self.body.addWidget(self.results)

    def _build_places(self) -> None:
        said = tr("Where it stands in the CRM")
        name = label(said, "", wrap=True)
        name.setFixedWidth(_NAME)
        self.to = ChipRow(
            [("deal", tr("Deals in work")), ("person", trp("of the CRM", "People"))],
            "settings-sync-results-to", said,
        )  # fmt: skip
        self.to.chosen.connect(self._on_place)
        self.no_people = label("", "muted", wrap=True)
        self.no_people.setObjectName("settings-sync-no-people")
        self.places = inline(name, self.to, 1)
        self.body.addWidget(self.places)
        self.body.addWidget(self.no_people)

    # -- showing ------------------------------------------------------------------------------

    def fill(self, choices: Choices) -> None:
        """Whether this computer publishes, and what; where another one does, which, and a way to
        take it."""
        other = choices.other
        self.publish.set_value(choices.publishes)
        self.publish.setVisible(other is None)
        self.other.setVisible(other is not None)
        self.take_over.setVisible(other is not None)
        if other is not None:
            zone, now = self._section.context.store.zone, self._section.context.now()
            when = formats.moment(zone, other.since, now)
            self.other.setText(tr("{name} publishes them since {when}.", name=other.name,
                                  when=when))  # fmt: skip
        self._show_chosen(choices.results, other is None)
        self._show_last(choices)
        self._show_places(choices, other is None)

    def _show_chosen(self, chosen: Chosen, own: bool) -> None:
        self.results.setVisible(own)
        for key, flag in self.flags.items():
            on = key in chosen.results
            last = on and len(chosen.results) == 1
            flag.set_value(on)
            flag.setEnabled(not last)
            flag.setToolTip(tr("At least one of them is published.") if last else "")
        self.refused.setVisible(own and chosen.refused is not None)
        if chosen.refused is not None:
            why = reasons.why(*chosen.refused)
            self.refused.setText(
                tr("The CRM did not take the results; they are tried again the next day. {why}",
                   why=why)
            )  # fmt: skip

    def _show_last(self, choices: Choices) -> None:
        """What became of it: when it last went, or that it is still to go."""
        publishes, refused = choices.publishes, choices.results.refused is not None
        self.again.setVisible(publishes and refused)
        self.last.setVisible(publishes and not refused)
        last = choices.results.last
        if last is None:
            self.last.setText(tr("Not published yet: it goes with the next sync."))
            return
        zone, now = self._section.context.store.zone, self._section.context.now()
        n = formats.whole(last[1])
        self.last.setText(tr("Last published: {when}; changed and sent: {n}.",
                             when=formats.moment(zone, last[0], now), n=n))  # fmt: skip

    def _show_places(self, choices: Choices, own: bool) -> None:
        chosen, kind = choices.results, choices.brief.kind
        can = "person" in chosen.places
        self.to.set_value(chosen.to)
        self.places.setVisible(own and can)
        self.no_people.setVisible(own and not can)
        self.no_people.setText(
            tr("{name} has no fields of people: results go to its deals.",
               name=maps.name_of(kind))
        )  # fmt: skip
        self.hint.setText(tr(_HINTS[chosen.to]))

    # -- choosing -----------------------------------------------------------------------------

    def _choose(self, verb: Any, *args: Any, say: str, **given: Any) -> None:
        """Run a verb that has no undo, and show what came of it."""
        self._section.do(
            verb, *args, say=say, done=lambda _result: self._section.refresh(True),
            undoable=False, **given,
        )  # fmt: skip

    def _on_publish(self, on: bool) -> None:
        said = tr("This computer publishes the ranking") if on else tr(
            "This computer does not publish the ranking"
        )  # fmt: skip
        self._choose(deciding.set_publishing, on, say=said)

    def _on_take_over(self) -> None:
        said = tr("This computer publishes the ranking; the other one stops when it syncs")
        self._choose(deciding.set_publishing, True, take_over=True, say=said)

    def _on_again(self) -> None:
        said = tr("The results go with the next sync")
        self._choose(deciding.publish_again, say=said)

    def _on_results(self, _on: bool) -> None:
        chosen = [key for key in RESULTS if self.flags[key].isChecked()]
        self._choose(deciding.set_results, chosen, say=tr("What is published: changed"))

    def _on_place(self, place: str) -> None:
        self._choose(deciding.set_results_to, place, say=tr("Where results go: changed"))
