"""The digest: when it goes out and where, how it looks, and exactly what it will say."""

from dataclasses import dataclass
from typing import Any

from salesdesk.services import digest, digest_days, digest_sending, settings
from salesdesk.services.digest import Choices, Target
from salesdesk.services.digest_sending import Record
from salesdesk.text import ntr, tr, trp
from salesdesk.ui import formats
from salesdesk.ui.context import Context
from salesdesk.ui.digest.desk import DigestDesk
from salesdesk.ui.settings.cells import Entry
from salesdesk.ui.settings.days import ClockKind
from salesdesk.ui.settings.digest_bot import LABEL, BotCard
from salesdesk.ui.settings.digest_places import PlacesCard
from salesdesk.ui.settings.digest_preview import PreviewCard
from salesdesk.ui.settings.digest_timer import TimerCard
from salesdesk.ui.settings.rule_words import clock
from salesdesk.ui.settings.section import Section, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, label

HERE, NOT_HERE = "here", "not"


@dataclass(frozen=True)
class Found:
    """What the section shows; ``last`` is the newest record of each place."""

    choices: Choices
    targets: tuple[Target, ...]
    last: dict[int, Record]
    next_at: int | None


class DigestSection(Section):
    """The ranking goes out by itself; a preview shows what it will say."""

    tables = frozenset({"setting", "digest_target", "digest_sent", "day_off", "calendar_year"})

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("Every day the ranking of the last seven full days; on Mondays also of the month so "
               "far, on the first Monday of a month of the month before."),
        )  # fmt: skip
        self.desk = DigestDesk.of(context)
        self.refused.setText(tr("Only an administrator says where, when and how. Whether this "
                                "computer sends it is your choice."))  # fmt: skip
        self._build_status()
        self.preview: PreviewCard | None = None
        self.places = PlacesCard(self)
        self.inside.addWidget(label(tr("Where it goes"), "title"))
        self.inside.addWidget(self.places)
        self._build_choices()
        self.bot = BotCard(self)
        self.timer = TimerCard(self)
        for card in (self.bot, self.timer):  # of this computer: whoever works here
            self.column.insertWidget(self.column.count() - 1, card)

    def _build_status(self) -> None:
        self.status = Card()
        self.next = label("", "strong")
        self.next.setObjectName("digest-next")
        self.show_preview = Button(tr("Preview"), "digest-show", "plain", self._on_preview)
        self.status.body.addWidget(inline(self.next, 1, self.show_preview))
        self.here = ChipRow(
            [(HERE, tr("This computer sends it")),
             (NOT_HERE, tr("This computer does not send it"))],
            "digest-here", tr("Whether this computer sends it"),
        )  # fmt: skip
        self.here.chosen.connect(lambda key: self.desk.set_sends_here(key == HERE))
        self.about_here = label("", "muted", wrap=True)
        self.status.body.addWidget(inline(self.here, 1))
        self.status.body.addWidget(self.about_here)
        self.column.insertWidget(self.column.indexOf(self.body), self.status)
        self.desk.changed.connect(self._show_here)

    def _build_choices(self) -> None:
        card = Card(tr("When and how"))
        self.at = Entry(ClockKind(), "digest-at", tr("Time of day"), 72, "inline")
        self.at.committed.connect(lambda minute: self._set(settings.DIGEST_TIME, clock(minute)))
        self.at.problem.connect(self._on_wrong)
        self.off = self._choice(settings.DIGEST_OFF, "digest-off", tr("Days without it"), {
            "none": trp("digest", "On every day"), "weekends": tr("Not on weekends"),
            "holidays": tr("Not on weekends and holidays"),
        })  # fmt: skip
        self.missed = self._choice(settings.DIGEST_MISSED, "digest-missed", tr("When missed"), {
            "latest": tr("Send the latest one once"), "skip": tr("Skip it"),
        })  # fmt: skip
        self.look = self._choice(settings.DIGEST_THEME, "digest-theme", tr("Colours"), {
            "light": trp("picture", "Light"), "dark": trp("picture", "Dark"),
        })  # fmt: skip
        self.red = self._choice(settings.DIGEST_WITHOUT_RED, "digest-red", tr("Red cells"), {
            "false": tr("Shown"), "true": tr("Left out"),
        })  # fmt: skip
        self.wrong = label("", "problem", wrap=True)
        self.wrong.hide()
        zone = self.context.store.zone.name
        for title, *widgets in (
            (tr("Time of day"), self.at, label(tr("time of {zone}", zone=zone), "muted")),
            (tr("Days"), self.off),
            (tr("When missed"), self.missed),
            (tr("Colours of the picture"), self.look),
            (tr("Red cells"), self.red),
        ):
            name = label(title, "muted")
            name.setFixedWidth(LABEL)
            card.body.addWidget(inline(name, *widgets, 1))
        card.body.addWidget(self.wrong)
        self.inside.addWidget(card)

    def _choice(
        self, spec: "settings.Spec[Any]", name: str, accessible: str, texts: dict[str, str]
    ) -> ChipRow:
        row = ChipRow(list(texts.items()), name, accessible)
        yes_no = {"true": True, "false": False}
        row.chosen.connect(lambda key: self._set(spec, yes_no.get(key, key)))
        return row

    def _set(self, spec: "settings.Spec[Any]", value: Any) -> None:
        self.do(settings.change, {spec.name: value}, say=tr("Changed: {title}",
                                                            title=tr(spec.title)))  # fmt: skip

    def _on_wrong(self, text: str) -> None:
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))

    # -- showing ------------------------------------------------------------------------------

    def set_allowed(self, may: bool) -> None:
        super().set_allowed(may)
        self.places.set_allowed(may)
        self.bot.server.setEnabled(may)

    def question(self, r: Any) -> Found:
        choices = digest.choices(r)
        last: dict[int, Record] = {}
        for record in digest_sending.records(r):
            last.setdefault(record.target_id, record)
        at = digest_days.next_moment(r.zone, self.context.now(), choices.minute, digest.days_off(r))
        return Found(choices, tuple(digest.targets(r)), last, at)

    def fill(self, found: Found) -> None:
        choices = found.choices
        self.places.fill(found.targets, found.last)
        self.bot.fill(choices.server)
        self.at.set_value(choices.minute)
        self.off.set_value(choices.off)
        self.missed.set_value("latest" if choices.sends_missed else "skip")
        self.look.set_value(choices.theme)
        self.red.set_value("true" if choices.without_red else "false")
        self.timer.fill(choices.minute)
        self.next.setText(self._next_text(found))
        self._show_here()
        if self.preview is not None and self.preview.isVisible():
            self.preview.refresh()

    def _next_text(self, found: Found) -> str:
        n = sum(target.active for target in found.targets)
        if not n:
            return tr("The digest goes nowhere yet: add a chat or a folder.")
        if found.next_at is None:
            return tr("Every day is off.")
        context = self.context
        at = formats.near(context.store.zone, found.next_at, context.now())
        return ntr("Next: {at}, to {n} place", "Next: {at}, to {n} places", n, at=at)

    def _show_here(self) -> None:
        on = bool(self.desk.since)
        self.here.set_value(HERE if on else NOT_HERE)
        self.about_here.setText(
            tr("It goes out while SalesDesk is open here. One computer is enough; of two, only one "
               "sends.")
            if on else
            tr("Somebody else's computer sends it, or a scheduler (below), or nobody.")
        )  # fmt: skip

    def _on_preview(self) -> None:
        if self.preview is None:
            self.preview = PreviewCard(self.context)
            self.column.insertWidget(self.column.indexOf(self.body), self.preview)
            self.preview.hide()
        shown = self.preview.isHidden()
        self.preview.setVisible(shown)
        self.show_preview.set_text(tr("Close the preview") if shown else tr("Preview"))
        if shown:
            self.preview.refresh()
