"""What the list of moves to check says of each: why it is there, when, what was decided."""

from salesdesk.moments import Zone
from salesdesk.services.doubts import Doubt
from salesdesk.services.rulings import Told
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.ranking.doubt_reasons import why
from salesdesk.ui.widgets.lines import LineItem


def doubt_item(one: Doubt, zone: Zone, now: int) -> LineItem:
    """A doubtful move as a line: what moved, when and under whom, and why it is here."""
    when = [formats.moment(zone, one.at, now)]
    points = formats.decimal(one.points)
    return LineItem(
        one.deal, f"→ {one.stage}", _lines(when, why(one)),
        number=f"+{points}" if one.points > 0 else points if one.earned else "",
        quiet=one.looked_at is not None, person=one.owner_id, initials=one.owner or "", ruled=True,
        source=one,
    )  # fmt: skip


def _lines(when: list[str], below: str) -> str:
    return " · ".join(part for part in when if part) + f"\n{below}"


def ruling_item(one: Told, zone: Zone, now: int, ruled: bool) -> LineItem:
    """A ruling as a line: about what, what was decided and when, by whom and why."""
    when = [formats.moment(zone, one.at, now)]
    if one.undone:
        when.append(tr("undone"))
    elif not one.holds:
        when.append(tr("does not hold any more"))
    gone = one.undone or not one.holds
    below = tr("{by}: {reason}", by=one.by or "—", reason=one.reason)
    return LineItem(
        f"{one.deal} → {one.stage}", _decided(one), _lines(when, below), struck=gone, quiet=gone,
        person=one.holder_id, initials=one.holder or "", ruled=ruled, source=one,
    )  # fmt: skip


def _decided(one: Told) -> str:
    if one.kind == "void":
        return tr("voided")
    if one.kind == "credit":
        return tr("credited to {name}", name=one.person or "—")
    return tr("counts again")
