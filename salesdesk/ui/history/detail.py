"""One command unfolded: what it changed, what taking it back would leave, and the button for it."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from salesdesk.errors import Refused
from salesdesk.services import chronicle, chronicle_changes, history, undo_preview
from salesdesk.services.audit import LASTING
from salesdesk.services.chronicle import Subject, Told
from salesdesk.services.chronicle_changes import Change
from salesdesk.services.undo_preview import Preview
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.history import words
from salesdesk.ui.history.changes import ChangeList, Line, lines
from salesdesk.ui.widgets.buttons import Button, LinkButton
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.panel import SidePanel

_WIDTH = 400
_SHOWN = 120
#: For these there is no way back to offer.
_ONE_WAY = ("undo", "redo", *LASTING)
#: Where a click on a record leads: the page, and whether it wants the record's key.
_PAGES: dict[str, tuple[str, object]] = {
    "deal": ("board", None), "client": ("clients", None), "task": ("tasks", None),
    "person": ("settings", "people"), "team": ("settings", "people"),
    "pipeline": ("settings", "pipelines"), "stage": ("settings", "pipelines"),
    "setting": ("settings", "people"), "plan": ("settings", "plans"),
    "norm": ("settings", "plans"),
}  # fmt: skip


@dataclass(frozen=True)
class Unfolded:
    """Everything that the panel shows. ``refusal`` says why this person may not take it back (or do
    it again); ``preview`` is None for a command that is undone already."""

    told: Told
    changes: tuple[Change, ...]
    total: int
    preview: Preview | None
    refusal: str


def unfold(r: Any, command_id: int, person: int | None) -> Unfolded | None:
    """Read all of it; None for a command that is not there."""
    told = chronicle.told(r, command_id)
    if told is None:
        return None
    changes, total = chronicle_changes.changes(r, command_id, limit=_SHOWN)
    refusal, preview = "", None
    if told.entry.kind not in _ONE_WAY:
        try:
            history.require(r, command_id, person, back=told.entry.undone)
        except Refused as error:
            refusal = error.text()
        if not told.entry.undone:
            preview = undo_preview.preview(r, command_id)
    return Unfolded(told, tuple(changes), total, preview, refusal)


class Detail(SidePanel):
    """The panel beside the list; ``command_wanted(id)`` leads from an undo to what it is about."""

    command_wanted = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__("history-detail", tr("What was changed"), _WIDTH)
        self._context = context
        self.command_id: int | None = None
        self._seen: Unfolded | None = None
        self.meta = label("", "muted", wrap=True)
        self.links = QVBoxLayout()
        self.links.setSpacing(0)
        self.links.setContentsMargins(-3, 0, 0, 0)  # a link has room for its focus
        self.changed_title = SectionLabel("")
        self.changed = ChangeList()
        self.more = label("", "small", wrap=True)
        self.back_title = SectionLabel("")
        self.back_words = label("", "", wrap=True)
        self.stays = ChangeList()
        self.stays.setObjectName("history-stays")
        self.body.addWidget(self.meta)
        self.body.addLayout(self.links)
        for widget in (self.changed_title, self.changed, self.more):
            self.body.addWidget(widget)
        self.body.addSpacing(theme.S)
        for widget in (self.back_title, self.back_words, self.stays):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.take_back = Button("", "history-undo", "plain", self._on_take_back)
        self.original = LinkButton("", "history-original", self._on_original)
        self.foot.addWidget(self.original, 0, Qt.AlignmentFlag.AlignLeft)
        self.foot.addWidget(self.take_back)
        self.retranslate()

    def open_command(self, command_id: int) -> None:
        """Unfold a command."""
        self.command_id = command_id
        self.refresh()
        self.show()

    def refresh(self) -> None:
        """Read it anew."""
        if self.command_id is not None:
            self._context.read(
                unfold, self.command_id, self._context.person_id,
                done=self._show, key="history-detail",
            )  # fmt: skip

    def _show(self, found: Unfolded | None) -> None:
        if found is None or found.told.entry.id != self.command_id:
            return
        self._seen = found
        zone, now = self._context.store.zone, self._context.now()
        told = found.told
        self.set_title(words.what(told))
        at = f"{formats.day(zone.day_of(told.entry.at))} {formats.clock(zone, told.entry.at)}"
        self.meta.setText(" · ".join((at, words.by_whom(told))))
        self._show_links(told)
        told_lines = lines(found.changes, zone, now)
        self.changed.set_lines(told_lines)
        self.changed_title.setVisible(bool(told_lines))
        left = found.total - _SHOWN
        self.more.setText(tr("… and {n} more lines", n=formats.whole(left)) if left > 0 else "")
        self.more.setVisible(left > 0)
        self._show_way_back(found)

    def _show_links(self, told: Told) -> None:
        while (item := self.links.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for subject in told.subjects:
            if subject.table in _PAGES and subject.name:
                text = f"{words.thing(subject.table)}: {subject.name}"
                link = LinkButton(
                    text, f"history-go-{subject.table}-{subject.id}",
                    lambda subject=subject: self._go(subject),  # type: ignore[misc]
                )  # fmt: skip
                self.links.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)

    def _go(self, subject: Subject) -> None:
        page, item = _PAGES[subject.table]
        if subject.table == "task":
            sql = "SELECT deal_id FROM task WHERE id = ?"
            deal = self._context.ask(lambda r: r.value(sql, (subject.id,)))
            if deal is not None:
                self._context.go("board", deal)
                return
        self._context.go(page, subject.id if item is None else item)

    def _show_way_back(self, found: Unfolded) -> None:
        entry, preview = found.told.entry, found.preview
        is_undo = found.told.original is not None
        self.original.setVisible(is_undo)
        about_undo = entry.kind in _ONE_WAY
        self.take_back.setVisible(not about_undo and not found.refusal)
        self.back_title.setVisible(not about_undo)
        self.back_words.setVisible(not about_undo)
        zone, now = self._context.store.zone, self._context.now()
        stays = preview.stays if preview is not None and not found.refusal else ()
        self.stays.set_lines([Line("", words.stays(one, zone, now), True) for one in stays])
        if entry.undone:
            self.back_title.set_text(tr("Taken back"))
            said = tr("It can be done again; what was done since stays.")
            self.take_back.set_text(tr("Do it again"))
        else:
            self.back_title.set_text(tr("If it is taken back"))
            said = self._words_of(preview)
            self.take_back.set_text(tr("Take back"))
        self.back_words.setText(found.refusal or said)

    @staticmethod
    def _words_of(preview: Preview | None) -> str:
        if preview is None:
            return ""
        if preview.stays:
            return tr("Goes back as it was, but for what was worked on later:")
        if preview.looked_at < preview.records:
            looked_at = formats.whole(preview.looked_at)
            return tr("Of {n}, the first {m} go back as they were.",
                      n=words.records(preview.records), m=looked_at)  # fmt: skip
        return tr("Everything goes back as it was.")

    def _on_take_back(self) -> None:
        if self._seen is None:
            return
        turn = self._context.redo if self._seen.told.entry.undone else self._context.undo
        turn(self._seen.told.entry.id)

    def _on_original(self) -> None:
        if self._seen is not None and self._seen.told.original is not None:
            self.command_wanted.emit(self._seen.told.original.id)

    def retranslate(self) -> None:
        """Set every text anew."""
        super().retranslate()
        self.setAccessibleName(tr("What was changed"))
        self.area.setAccessibleName(tr("What was changed"))
        self.changed_title.set_text(tr("What was changed"))
        self.changed.setAccessibleName(tr("What was changed"))
        self.stays.setAccessibleName(tr("What stays"))
        self.original.set_text(tr("What it is about"))
        if self._seen is not None:
            self._show(self._seen)
