"""What the list of moves to check says of each: why it is there, when, what was decided."""

from salesdesk.moments import Zone
from salesdesk.services.doubts import REASONS, Doubt
from salesdesk.services.doubts_found import DAY
from salesdesk.services.rulings import Told
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import formats
from salesdesk.ui.widgets.lines import LineItem

_HOUR = DAY // 24
_MINUTE = _HOUR // 60
#: What the choice of a reason calls them.
TITLES = {
    "back": N_("Forward and back within a day"),
    "late": N_("Entered late"),
    "postponed": N_("Tasks put off just before they are due"),
    "outside": N_("By an import or the command line"),
}
assert tuple(TITLES) == REASONS


def options() -> list[tuple[str, str]]:
    """The reasons to choose from; empty: any."""
    return [("", tr("Any reason")), *((key, tr(title)) for key, title in TITLES.items())]


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


def why(one: Doubt) -> str:
    """Why a move is listed; of one that was looked at what was said of it."""
    return ", ".join(_why(one)) if one.looked_at is None else _looked(one)


def _lines(when: list[str], why: str) -> str:
    return " · ".join(part for part in when if part) + f"\n{why}"


def _why(one: Doubt) -> list[str]:
    found = []
    for reason in one.reasons:
        if reason == "back" and one.back_at is not None:
            found.append(tr("back after {time}", time=_long(one.back_at - one.at)))
        elif reason == "late":
            found.append(_late(one.recorded_at - one.at))
        elif reason == "postponed":
            words = ntr("“{task}” put off once", "“{task}” put off {n} times", one.times)
            found.append(words.replace("{task}", one.task or ""))
        elif reason == "outside":
            found.append(tr("by an import") if one.mover_as == "import" else
                         tr("by the command line"))  # fmt: skip
    return found


def _long(time: int) -> str:
    """A stretch of time up to a day."""
    if time >= _HOUR:
        hours = time // _HOUR
        return ntr("{n} hour", "{n} hours", hours)
    return ntr("{n} minute", "{n} minutes", time // _MINUTE)


def _late(time: int) -> str:
    days = abs(time) // DAY
    if time < 0:
        return ntr("entered {n} day ahead", "entered {n} days ahead", days)
    return ntr("entered {n} day later", "entered {n} days later", days)


def _looked(one: Doubt) -> str:
    by = one.looked_by or "—"
    if one.note:
        return tr("{by}: {reason}", by=by, reason=one.note)
    return tr("looked at by {by}", by=by)


def ruling_item(one: Told, zone: Zone, now: int, ruled: bool) -> LineItem:
    """A ruling as a line: about what, what was decided and when, by whom and why."""
    when = [formats.moment(zone, one.at, now)]
    if one.undone:
        when.append(tr("undone"))
    elif not one.holds:
        when.append(tr("does not hold any more"))
    gone = one.undone or not one.holds
    why = tr("{by}: {reason}", by=one.by or "—", reason=one.reason)
    return LineItem(
        f"{one.deal} → {one.stage}", _decided(one), _lines(when, why), struck=gone, quiet=gone,
        person=one.holder_id, initials=one.holder or "", ruled=ruled, source=one,
    )  # fmt: skip


def _decided(one: Told) -> str:
    if one.kind == "void":
        return tr("voided")
    if one.kind == "credit":
        return tr("credited to {name}", name=one.person or "—")
    return tr("counts again")
