"""The digest of a day as it goes out: its picture, its words, where it is to go and went."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from salesdesk.services import digest, digest_days, digest_sending, digest_text
from salesdesk.services.digest import Target
from salesdesk.services.digest_days import KINDS, Part
from salesdesk.services.digest_sending import FAILED, SENDING, SENT, UNKNOWN, Outcome
from salesdesk.text import N_, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.digest.desk import DigestDesk
from salesdesk.ui.settings.section import Row, Rows, inline, words
from salesdesk.ui.widgets.buttons import Button, IconButton, PrimaryButton, is_enter
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, ElidedLabel, label
from salesdesk.ui.widgets.popup import Popover

if TYPE_CHECKING:
    from salesdesk.ui.digest.drawing import Made

_NAME, _STATE = 200, 160
_MOST_WIDE = 900
_SIGNS = {SENT: "✓ ", FAILED: "✕ ", UNKNOWN: "? ", SENDING: "… "}


class PictureView(QWidget):
    """A picture as wide as there is room, in its proportions. ``pressed()``: to see it whole."""

    pressed = Signal()

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._image = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumWidth(_MOST_WIDE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("Enlarge"))

    def set_image(self, image: QImage) -> None:
        """Show another picture."""
        self._image = image
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        if self._image.isNull():
            return 0
        return round(min(width, _MOST_WIDE) * self._image.height() / self._image.width())

    def sizeHint(self) -> QSize:
        return QSize(_MOST_WIDE, self.heightForWidth(_MOST_WIDE))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(240))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(0, 0, self.width(), self.height()).adjusted(0.5, 0.5, -0.5, -0.5)
            frame = QPainterPath()
            frame.addRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)
            painter.save()
            painter.setClipPath(frame)
            ratio = self.devicePixelRatioF()
            shown = self._image.scaledToWidth(
                round(self.width() * ratio), Qt.TransformationMode.SmoothTransformation
            )
            painter.drawImage(QRectF(0, 0, self.width(), shown.height() / ratio), shown)
            painter.restore()
            painter.setPen(theme.current().accent if self.hasFocus() else theme.current().line)
            painter.drawPath(frame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event) or event.key() == Qt.Key.Key_Space:
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()


@dataclass(frozen=True)
class Found:
    """The digests of a day, and what became of them at the places in use."""

    parts: tuple[Part, ...]
    off: bool
    targets: tuple[Target, ...]
    outcomes: dict[tuple[str, int], Outcome]


class PreviewCard(Card):
    """Go from day to day, see exactly what goes out, send it."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("digest-preview")
        self.context = context
        self.desk = DigestDesk.of(context)
        self.day = context.today()
        self.kind = digest_days.DAYS
        self._found: Found | None = None
        self._made: Made | None = None
        self._image = QImage()
        self._build_head()
        self.picture = PictureView("digest-picture", tr("Picture of the digest"))
        self.picture.pressed.connect(self._show_whole)
        self.body.addWidget(self.picture)
        self.text = QLabel()
        self.text.setObjectName("digest-text")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setWordWrap(True)
        self.text.setMaximumWidth(_MOST_WIDE)
        self.text.setContentsMargins(0, theme.S, 0, theme.S)
        self.body.addWidget(self.text)
        self.rows = Rows(lambda item: _PlaceRow(self, item[0]), last=True)
        self.body.addWidget(self.rows)
        self.nowhere = label(tr("Add a chat or a folder below to send it."), "muted", wrap=True)
        self.body.addWidget(self.nowhere)
        self.desk.changed.connect(self._on_changed)

    def _build_head(self) -> None:
        self.before = IconButton("chevron-left", tr("Day before"), "digest-before",
                                 lambda: self._turn(-1), "quiet")  # fmt: skip
        self.after = IconButton("chevron-right", tr("Day after"), "digest-after",
                                lambda: self._turn(1), "quiet")  # fmt: skip
        self.day_label = label("", "strong")
        self.kinds = ChipRow([(key, tr(text)) for key, text in KINDS.items()], "digest-kind",
                             tr("Which digest"))  # fmt: skip
        self.kinds.chosen.connect(self._on_kind)
        self.off = ElidedLabel("", "muted")
        self.send_button = PrimaryButton(tr("Send it now"), "digest-send", self._send_all)
        self.body.addWidget(inline(self.before, self.day_label, self.after, self.kinds, 1,
                                   self.send_button))  # fmt: skip
        self.body.addWidget(self.off)

    # -- reading ------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the day anew."""
        self.context.read(
            _read, self.day, now=self.context.now(), done=self._on_read, key="digest-day"
        )

    def _on_read(self, found: Found) -> None:
        self._found = found
        at = date.fromordinal(self.day)
        weekday = tr(_WEEKDAYS[at.weekday()])
        self.day_label.setText(f"{weekday}, {formats.day(self.day)}")
        self.after.setEnabled(self.day < self.context.today())
        kinds = [part.kind for part in found.parts]
        for key in KINDS:
            self.kinds.chip(key).setVisible(key in kinds)
        if self.kind not in kinds:
            self.kind = kinds[0]
        self.kinds.set_value(self.kind)
        self.off.set_text(tr("This day is off: nothing is sent by itself.") if found.off else "")
        self.off.setVisible(found.off)
        self._show_places()
        part = self._part()
        if part is not None:
            self.desk.make(part, self._on_made, key="digest-made")

    def _part(self) -> Part | None:
        parts = self._found.parts if self._found else ()
        return next((part for part in parts if part.kind == self.kind), None)

    def _on_made(self, made: "Made", image: QImage) -> None:
        self._made, self._image = made, image
        self.picture.set_image(image)
        self.picture.setAccessibleDescription(digest_text.plain(made.digest.text))
        self.text.setText(digest_text.html(made.digest.text).replace("\n", "<br>"))

    def _show_places(self) -> None:
        assert self._found is not None
        found = self._found
        shown = [
            (target.id, (target, found.outcomes.get((self.kind, target.id))))
            for target in found.targets
        ]
        self.rows.set_items(shown)
        self.nowhere.setVisible(not shown)
        self.send_button.setVisible(bool(self._waiting()))

    def _waiting(self) -> tuple[Target, ...]:
        """The places that this digest did not go to yet."""
        found = self._found
        if found is None:
            return ()
        return tuple(
            target for target in found.targets
            if (outcome := found.outcomes.get((self.kind, target.id))) is None
            or outcome.state == FAILED
        )  # fmt: skip

    # -- acting -------------------------------------------------------------------------------

    def _turn(self, days: int) -> None:
        self.day = min(self.day + days, self.context.today())
        self.refresh()

    def _on_kind(self, kind: str) -> None:
        self.kind = kind
        if self._found is not None:
            self._on_read(self._found)

    def _on_changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _send_all(self) -> None:
        self.send(self._waiting())

    def send(self, targets: tuple[Target, ...], repeat: bool = False) -> None:
        """Send what is shown to these places."""
        if self._made is None or self._made.digest.part != self._part() or not targets:
            return
        self.desk.send(self._made, self._image, targets, repeat=repeat, by_hand=True)

    def _show_whole(self) -> None:
        """The picture in its own size, as far as the window has room."""
        if self._image.isNull():
            return
        whole = Popover("digest-whole", tr("Picture of the digest"), self)
        view = QLabel()
        room = self.window().size() - QSize(4 * theme.XL, 4 * theme.XL)
        size = self._image.size()
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        ratio = self.devicePixelRatioF()
        shown = self._image.scaled(size * ratio, Qt.AspectRatioMode.KeepAspectRatio,
                                   Qt.TransformationMode.SmoothTransformation)  # fmt: skip
        picture = QPixmap.fromImage(shown)
        picture.setDevicePixelRatio(ratio)
        view.setPixmap(picture)
        whole.body.addWidget(view)
        whole.adjustSize()
        middle = self.window().mapToGlobal(self.window().rect().center())
        whole.move(middle - whole.rect().center())
        whole.show()


class _PlaceRow(Row):
    """A place: whether this digest went there, and a button to send it (again)."""

    def __init__(self, card: PreviewCard, target: Target) -> None:
        super().__init__(f"digest-place-{target.id}")
        self.card = card
        self.name, self.state, self.why = words(_NAME), words(_STATE, "muted"), words(0, "muted")
        self.button = Button("", f"digest-place-{target.id}-send", "link", self._on_send)
        self.add(self.name)
        self.add(self.state)
        self.add(self.why, 1)
        self.add(self.button)

    def fill(self, item: Any) -> None:
        self.target, self.outcome = item
        self.name.set_text(self.target.name)
        outcome = self.outcome
        self.state.set_text(state_text(outcome) if outcome else tr("Not sent"))
        self.why.set_text(outcome.words() if outcome else "")
        sent = outcome is not None and outcome.state in (SENT, UNKNOWN)
        self.button.set_text(tr("Send again") if sent else tr("Send"))
        self.button.setVisible(outcome is None or outcome.state != SENDING)

    def _on_send(self) -> None:
        again = self.outcome is not None and self.outcome.state != FAILED
        self.card.send((self.target,), repeat=again)


def state_text(outcome: Outcome) -> str:
    """The state with a sign, so that it is not told by words alone."""
    return _SIGNS.get(outcome.state, "") + tr(digest_sending.STATES[outcome.state])


_WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip


def _read(r: Any, day: int, *, now: int) -> Found:
    outcomes: dict[tuple[str, int], Outcome] = {}
    for record in digest_sending.records(r, days=[day]):
        outcomes.setdefault((record.kind, record.target_id), record.outcome)
    in_use = tuple(target for target in digest.targets(r) if target.active)
    return Found(digest.parts(r, day, now=now), digest.days_off(r)(day), in_use, outcomes)
