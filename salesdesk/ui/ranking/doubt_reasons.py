"""Why a move is to be checked, in words; for the window and for the command line."""

from salesdesk.services.doubts import REASONS, Doubt
from salesdesk.services.doubts_found import DAY
from salesdesk.text import N_, ntr, tr

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


def why(one: Doubt) -> str:
    """Why a move is listed; of one that was looked at what was said of it."""
    return ", ".join(_why(one)) if one.looked_at is None else _looked(one)


def _why(one: Doubt) -> list[str]:
    found = []
    for reason in one.reasons:
        if reason == "back" and one.back_at is not None:
            found.append(tr("back after {time}", time=_long(one.back_at - one.at)))
        elif reason == "late":
            found.append(_late(one.recorded_at - one.at))
        elif reason == "postponed":
            found.append(
                ntr("“{task}” put off {n} time", "“{task}” put off {n} times", one.times,
                    task=one.task or "")
            )  # fmt: skip
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
