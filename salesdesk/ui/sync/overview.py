"""How the sync stands, on one screen: what needs somebody at the left, what went at the right."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.moments import Zone
from salesdesk.services.sync import maps, reasons
from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.sync import words
from salesdesk.ui.sync.lines import Line, LineList
from salesdesk.ui.sync.rows import ClashCard, FailedCard
from salesdesk.ui.widgets.buttons import Button, LinkButton
from salesdesk.ui.widgets.labels import Card, label, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from salesdesk.services.sync.desk import Aside, Brief, Group, Overview, Progress, Round
    from salesdesk.services.sync.worker import State

#: Below this width the two columns stand one under the other.
_TWO = 900
_ROUNDS, _ASIDE, _NAMED = 8, 12, 6


class ListCard(Card):
    """A heading, a line that explains, and a list; hidden when there is nothing in it."""

    def __init__(self, name: str, height: int = 44) -> None:
        super().__init__()
        self.setObjectName(name)
        self.heading = label("", "strong")
        self.hint = label("", "muted", wrap=True)
        self.hint.hide()
        self.list = LineList(f"{name}-list", height)
        edge = theme.M - theme.S  # the rows of the list have a margin of their own
        self.body.setContentsMargins(edge, theme.M, edge, theme.S)
        for words_ in (self.heading, self.hint):
            words_.setContentsMargins(theme.S, 0, theme.S, 0)
            self.body.addWidget(words_)
        self.body.addWidget(self.list)

    def add_link(self, link: LinkButton) -> None:
        """Something to do about it, below the list."""
        link.setProperty("flush", True)
        inset = QHBoxLayout()
        inset.setContentsMargins(theme.S, 0, theme.S, theme.XS)
        inset.addWidget(link)
        inset.addStretch(1)
        self.body.addLayout(inset)

    def show_lines(self, heading: str, lines: list[Line], hint: str = "") -> None:
        """Show these."""
        self.heading.setText(heading)
        self.list.setAccessibleName(heading)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.list.set_items(lines)
        self.list.reword()
        self.setVisible(bool(lines))


class OverviewPanel(QWidget):
    """``acted(verb, item)``: what a row asks for; ``resume``, ``connect``, ``halt`` and ``go-on``
    of the head without an item."""

    acted = Signal(str, object)

    def __init__(self, zone: Zone) -> None:
        super().__init__()
        self._zone = zone
        self._chain: list[QWidget] = []
        self._seen: tuple[Overview, State | None, int, bool] | None = None
        self.setProperty("role", "body")
        self._build_head()
        self.clashes = ClashCard("sync-clashes", zone)
        self.failed = FailedCard("sync-failed", zone)
        for card in (self.clashes, self.failed):
            card.acted.connect(self.acted)
            card.hide()
        self.others = label("", "muted", wrap=True)
        self.progress = ListCard("sync-progress")
        self.waiting = ListCard("sync-waiting")
        self.aside = ListCard("sync-aside")
        self.remap = LinkButton("", "sync-aside-remap", lambda: self.acted.emit("remap", None))
        self.aside.add_link(self.remap)
        self.calm = Card("", theme.L)
        self.calm_text = label("", "muted", wrap=True)
        self.calm.body.addWidget(self.calm_text)
        self.rounds = ListCard("sync-rounds", 30)
        self.ruled = ListCard("sync-ruled")
        self.ruled.list.opened.connect(lambda line: self.acted.emit("open", line.target))
        self.read = ListCard("sync-read", 30)
        self.compare = LinkButton("", "sync-compare", lambda: self.acted.emit("compare", None))
        self.compared = label("", "muted", wrap=True)
        self.compared.setObjectName("sync-compared")
        self.compared.setContentsMargins(theme.S, 0, theme.S, 0)
        self.read.body.addWidget(self.compared)
        self.read.add_link(self.compare)
        self._build()

    def _build_head(self) -> None:
        self.card = Card("", theme.L)
        self.said = label("", "heading", wrap=True)
        self.said.setObjectName("sync-said")
        self.below = label("", "muted", wrap=True)
        self.trouble = label("", "problem", wrap=True)
        self.trouble.setObjectName("sync-trouble")
        self.again = Button("", "sync-again", "plain", lambda: self.acted.emit("resume", None))
        self.connect_again = Button(
            "", "sync-connect-again", "plain", lambda: self.acted.emit("connect", None)
        )
        self.stop = Button("", "sync-stop", "plain", self._on_stop)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for button in (self.again, self.connect_again, self.stop):
            row.addWidget(button)
            button.hide()
        row.addStretch(1)
        for widget in (self.said, self.below, self.trouble):
            self.card.body.addWidget(widget)
        self.card.body.addLayout(row)

    def _build(self) -> None:
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(theme.L)
        for stretch, cards in (
            (
                4,
                (
                    self.clashes,
                    self.failed,
                    self.others,
                    self.progress,
                    self.waiting,
                    self.aside,
                    self.calm,
                ),
            ),
            (3, (self.rounds, self.ruled, self.read)),
        ):
            column = QVBoxLayout()
            column.setSpacing(theme.M)
            for card in cards:
                column.addWidget(card)
            column.addStretch(1)
            self._columns.addLayout(column, stretch)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(theme.L, theme.M, theme.L, theme.L)
        whole.setSpacing(theme.M)
        whole.addWidget(self.card)
        whole.addLayout(self._columns)
        whole.addStretch(1)
        self.waiting.list.opened.connect(lambda line: self.acted.emit("show-waiting", line.target))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way = QBoxLayout.Direction
        wanted = way.LeftToRight if self.width() >= _TWO else way.TopToBottom
        if self._columns.direction() != wanted:
            self._columns.setDirection(wanted)

    # -- what is shown ------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Say everything anew."""
        if self._seen is not None:
            self.show_overview(*self._seen)

    def show_overview(
        self, found: "Overview", state: "State | None", now: int, connects: bool
    ) -> None:
        """Show how the sync stands, to somebody who ``connects`` a CRM or does not."""
        self._seen = (found, state, now, connects)
        crm = maps.name_of(found.brief.kind)
        self._show_head(found, state, now, connects)
        self.clashes.show_items(found.clashes, now, crm)
        self.failed.show_items(found.failed, now, crm)
        self.others.setText(ntr("{n} more belongs to a colleague, who decides about it.",
                                "{n} more belong to colleagues, who decide about them.",
                                found.others))  # fmt: skip
        self.others.setVisible(bool(found.others))
        self._show_waiting(found.waiting, now)
        self._show_aside(found.aside, now, found.brief.aside)
        lacks = any(one.lacks_partner for one in found.aside)
        self.remap.set_text(tr("Change the mapping"))
        self.remap.setVisible(lacks and connects)
        running = state is not None and state.running
        self._show_rounds([one for one in found.rounds if one.ended_at or not running], now)
        self._show_ruled(found, now, crm)
        self._show_streams(found, now, running)
        self._show_compared(state, now)
        self._order()
        self.calm_text.setText(tr("Nothing waits, and nothing needs you."))
        self.calm.setVisible(
            not (found.waiting or found.failed or found.clashes or found.others or found.aside)
            and self.progress.isHidden()
        )

    def _on_stop(self) -> None:
        """It ends before its next call; the one that is under way may take seconds."""
        self.stop.setEnabled(False)
        self.stop.set_text(tr("Stopping…"))
        self.acted.emit("halt", None)

    def _show_head(
        self, found: "Overview", state: "State | None", now: int, connects: bool
    ) -> None:
        brief = found.brief
        self.said.setText(words.headline(brief, state, self._zone, now))
        parts = [f"{maps.name_of(brief.kind)} · {brief.account}"]
        if brief.oldest is not None:
            parts.append(tr("oldest unsent change: {age}", age=words.age(brief.oldest, now)))
        if brief.last_success is not None:
            at = words.when(self._zone, brief.last_success, now)
            parts.append(tr("last complete sync: {when}", when=at))
        self.below.setText(" · ".join(parts))
        self._show_trouble(brief, state, connects)
        running = state is not None and state.running
        self.stop.setVisible(running)
        if not running:
            self.stop.setEnabled(True)
        halting = tr("Stop") if self.stop.isEnabled() else tr("Stopping…")
        for button, said in (
            (self.again, tr("Try again")), (self.connect_again, tr("Connect again")),
            (self.stop, halting),
        ):  # fmt: skip
            button.set_text(said)

    def _show_trouble(self, brief: "Brief", state: "State | None", connects: bool) -> None:
        stopped, trouble = brief.stopped, brief.trouble
        error = state.error if state is not None else None
        text = ""
        if error is not None:
            text = words.error_text(error)
        elif stopped or trouble:
            text = words.trouble(stopped or trouble or "", brief.kind)
        if stopped == "auth" and not connects:
            text = f"{text} {tr('An administrator connects them.')}"
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))
        set_role(self.trouble, "problem" if stopped or error is not None else "muted")
        self.again.setVisible(bool(stopped))
        self.connect_again.setVisible(stopped == "auth" and connects)

    def _show_waiting(self, groups: "tuple[Group, ...]", now: int) -> None:
        lines = [
            Line(words.counted(one.entity, one.count), _names(one), words.age(one.oldest, now),
                 target=one.records)
            for one in groups
        ]  # fmt: skip
        total = sum(one.count for one in groups)
        heading = ntr("{n} change waits to be sent", "{n} changes wait to be sent", total)
        self.waiting.show_lines(heading, lines)

    def _show_aside(self, items: "tuple[Aside, ...]", now: int, total: int) -> None:
        lines = [
            Line(one.title or f"{tr(words.STREAMS[one.stream])} {one.far_id}",
                 reasons.told(one.reason),
                 formats.near(self._zone, one.at, now))
            for one in items[:_ASIDE]
        ]  # fmt: skip
        heading = ntr(
            "{n} record of the CRM was set aside", "{n} records of the CRM were set aside", total
        )
        self.aside.show_lines(
            heading, lines,
            ntr("It has no place here yet. The others went on; it comes when it can.",
                "They have no place here yet. The others went on; these come when they can.",
                total),
        )  # fmt: skip

    def _show_rounds(self, items: "Sequence[Round]", now: int) -> None:
        lines = [
            Line(
                words.round_text(one), right=formats.near(self._zone, one.started_at, now),
                bad=words.is_asking(one.problem),
            )
            for one in items[:_ROUNDS]
        ]  # fmt: skip
        self.rounds.show_lines(tr("Lately"), lines)

    def _show_streams(self, found: "Overview", now: int, running: bool) -> None:
        lines: list[Line] = []
        if found.is_first_pull:
            lines = [_progress_line(one, running) for one in found.streams]
            hint = tr("Everything is read once. It may be stopped and goes on where it was.")
            self.progress.show_lines(tr("Reading the CRM for the first time"), lines, hint)
            self.read.hide()
            return
        lines = [self._read_line(one, now) for one in found.streams]
        if len({one.right for one in lines}) == 1:
            lines = [replace(lines[0], text=tr("Everything"))]
        self.progress.hide()
        self.read.show_lines(tr("What is here is complete as of"), lines)

    def _order(self) -> None:
        """The keyboard goes as the eye does, also to rows that were made later."""
        chain: list[QWidget] = [self.again, self.connect_again, self.stop]
        chain += [*self.clashes.stops(), *self.failed.stops()]
        chain += [self.progress.list, self.waiting.list, self.aside.list, self.remap]
        chain += [self.rounds.list, self.ruled.list, self.read.list, self.compare]
        if chain != self._chain:
            self._chain = chain
            for before, after in pairwise(chain):
                QWidget.setTabOrder(before, after)

    def _show_compared(self, state: "State | None", now: int) -> None:
        """What the last comparison of everything found."""
        self.compare.set_text(tr("Compare everything with the CRM"))
        self.compare.setEnabled(state is None or not state.running)
        found = state.verified if state is not None else None
        self.compared.setVisible(found is not None)
        if found is not None and state is not None:
            at = words.ago(self._zone, state.verified_at, now)
            self.compared.setText(words.verified(found, at))

    def _show_ruled(self, found: "Overview", now: int, crm: str) -> None:
        lines = []
        for one in found.ruled:
            text, below = words.ruled(one, self._zone, now, crm)
            when = formats.near(self._zone, one.at, now)
            lines.append(Line(text, below, right=when, target=one))
        hint = tr("Both sides had changed these, and the rule of the field decided.")
        self.ruled.show_lines(tr("Decided by a rule, the last 7 days"), lines, hint)

    def _read_line(self, one: "Progress", now: int) -> Line:
        at = formats.near(self._zone, one.complete_at, now) if one.complete_at else ""
        return Line(tr(words.STREAMS[one.name]), right=at or tr("being read"))


def _names(one: "Group") -> str:
    names = " · ".join(words.record(each) for each in one.records[:_NAMED])
    left = one.count - min(len(one.records), _NAMED)
    more = ntr("and {n} more", "and {n} more", left)
    if not one.records:
        return tr("records of colleagues")
    return f"{names} · {more}" if left > 0 else names


def _progress_line(one: "Progress", running: bool) -> Line:
    """How far a stream was read, or is being read."""
    if one.first_done:
        return Line(tr(words.STREAMS[one.name]), share=1.0, right=formats.whole(one.read))
    if one.total:
        right = tr("{done} of {total}", done=formats.whole(one.read),
                   total=formats.whole(one.total))  # fmt: skip
        return Line(tr(words.STREAMS[one.name]), share=one.read / one.total, right=right)
    below = tr("reading…") if running else tr("not read to its end")
    return Line(tr(words.STREAMS[one.name]), below, formats.whole(one.read))
