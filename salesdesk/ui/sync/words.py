"""The words of the sync: how it stands, what kinds and fields are called, why something failed."""

from typing import TYPE_CHECKING

from salesdesk.errors import SalesDeskError
from salesdesk.moments import Zone
from salesdesk.services.sync import reasons
from salesdesk.services.sync.failures import WORDS, Failure, Kind
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import formats, values

if TYPE_CHECKING:
    from salesdesk.services.sync.clashes import Record, Ruled, Told
    from salesdesk.services.sync.desk import Brief, Round
    from salesdesk.services.sync.verifying import Verified
    from salesdesk.services.sync.worker import State

_MINUTE, _HOUR = 60_000_000, 3_600_000_000
KINDS = {
    "company": N_("Company"), "contact": N_("Contact"), "deal": N_("Deal"), "task": N_("Task"),
    "note": N_("Note"),
}  # fmt: skip
#: What is read from the other end.
STREAMS = {
    "company": N_("Companies"), "contact": N_("Contacts"), "deal": N_("Deals"),
    "task": N_("Tasks"), "note": N_("Notes"), "move": N_("Stage moves"),
    "deleted": N_("Deletions"),
}  # fmt: skip


#: Why a round ended early, in two words.
_SHORT = {
    Kind.NOT_SENT: N_("CRM not reached"), Kind.RATE: N_("a pause was asked for"),
    Kind.PAUSED: N_("a pause was asked for"), Kind.BLOCKED: N_("address blocked"),
    Kind.AUTH: N_("key not accepted"), Kind.PERMISSION: N_("a right is missing"),
    Kind.REDIRECTED: N_("CRM moved to another address"),
}  # fmt: skip
_NO_ADMIN = N_("The key lacks a right: in amoCRM it has to be that of an administrator ({detail}).")
#: What a key needs, where it lacks something of it.
_NEEDS = {
    "bitrix24": N_("The key lacks a right in the CRM: grant it crm, task and user there, and try "
                   "again."),
    "amocrm": N_("The key lacks a right in the CRM: it has to be that of an administrator."),
}  # fmt: skip
_MOVED = N_("The CRM has moved to another address: disconnect, and connect it at the new one.")
#: These need a person.
_ASKING = (Kind.AUTH.value, Kind.PERMISSION.value, Kind.REDIRECTED.value, Kind.BLOCKED.value)


def is_asking(problem: str | None) -> bool:
    """Whether what ended a round needs a person."""
    return problem in _ASKING


def short(problem: str) -> str:
    """Why a round ended early, in few words."""
    try:
        return tr(_SHORT.get(Kind(problem), WORDS[Kind(problem)]), detail="")
    except ValueError:
        return problem


def record(one: "Record") -> str:
    """What a record is called, and what it waits for."""
    if one.needs is None:
        return one.title
    return f"{one.title} ({reasons.waits(one.needs.entity, one.needs.title)})"


#: What is not counted.
MANY = {"task": N_("tasks"), "note": N_("notes"), "move": N_("stage moves")}


def counted(entity: str, n: int) -> str:
    """So many records of a kind."""
    if entity == "company":
        return ntr("{n} company", "{n} companies", n)
    if entity == "contact":
        return ntr("{n} contact", "{n} contacts", n)
    if entity == "deal":
        return ntr("{n} deal", "{n} deals", n)
    if entity == "task":
        return ntr("{n} task", "{n} tasks", n)
    if entity == "move":
        return ntr("{n} stage move", "{n} stage moves", n)
    return ntr("{n} note", "{n} notes", n)


def ago(zone: Zone, at: int, now: int) -> str:
    """How long ago: minutes and hours of today, else the day."""
    gone = max(0, now - at)
    if gone < _MINUTE:
        return tr("just now")
    if gone < _HOUR:
        text = ntr("{n} min ago", "{n} min ago", gone // _MINUTE)
        return text.replace(" ", formats.NO_BREAK)
    if gone < 12 * _HOUR:
        return ntr("{n} h ago", "{n} h ago", gone // _HOUR).replace(" ", formats.NO_BREAK)
    return when(zone, at, now)


def when(zone: Zone, at: int, now: int) -> str:
    """A moment inside a sentence: ``today 18:00``."""
    text = formats.near(zone, at, now)
    is_near = abs(zone.day_of(at) - zone.day_of(now)) <= 1
    return text[:1].lower() + text[1:] if is_near else text


def age(at: int, now: int) -> str:
    """How old something is: minutes, hours, days."""
    gone = max(0, now - at)
    if gone < _HOUR:
        return ntr("{n} min", "{n} min", max(1, gone // _MINUTE))
    if gone < 48 * _HOUR:
        return ntr("{n} h", "{n} h", gone // _HOUR)
    return ntr("{n} day", "{n} days", gone // (24 * _HOUR))


def error_text(error: Exception) -> str:
    """What went wrong, in a sentence."""
    if isinstance(error, SalesDeskError):
        return error.text()
    return tr("Something went wrong: {name}. What was synced before it is kept.",
              name=type(error).__name__)  # fmt: skip


def trouble(problem: str, crm: str) -> str:
    """What keeps the sync of a kind of CRM from going on, and what helps."""
    if problem == Kind.PERMISSION.value and crm in _NEEDS:
        return tr(_NEEDS[crm])
    return tr(_MOVED) if problem == Kind.REDIRECTED.value else reasons.why(problem)


def connecting_text(error: Exception, kind: str = "") -> str:
    """What went wrong while somebody connects (a CRM of this ``kind``), in a sentence."""
    if not isinstance(error, Failure):
        return error_text(error)
    if kind == "amocrm" and error.kind is Kind.PERMISSION:
        return tr(_NO_ADMIN, detail=error.detail)
    return error_text(error.while_connecting())


def value(told: "Told", zone: Zone, now: int) -> str:
    """A value of a field."""
    if told.holds == "yes_no":
        return tr("Yes") if told.value else tr("No")
    return values.told(told.value, told.holds, zone, now, told.currency)


def ruled(one: "Ruled", zone: Zone, now: int, crm: str) -> tuple[str, str]:
    """What a rule decided: of which field, and which value holds in the place of which."""
    name = tr(reasons.FIELDS.get(one.field, one.field))
    given = {"value": value(one.holds, zone, now), "other": value(one.given_up, zone, now),
             "crm": crm}  # fmt: skip
    if one.ours:
        said = tr("SalesDesk holds: {value} · {crm} had: {other}", **given)
    else:
        said = tr("{crm} holds: {value} · here it was: {other}", **given)
    return f"{one.record.title} · {name}", said


def status(found: "Brief", state: "State | None", zone: Zone, now: int) -> tuple[str, str]:
    """How the sync stands: a tone (``good``, ``busy``, ``quiet``, ``bad``) and a short text."""
    if state is not None and state.running:
        return "busy", tr("Comparing…") if state.stream == "compare" else tr("Syncing…")
    if found.stopped or (state is not None and state.error is not None):
        return "bad", tr("Sync needs you")
    if found.needs:
        return "bad", ntr("Sync: {n} needs you", "Sync: {n} need you", found.needs)
    waits = ntr("{n} change waits", "{n} changes wait", found.waiting) if found.waiting else ""
    if found.paused:
        return "quiet", " · ".join(filter(None, (tr("Sync paused"), waits)))
    if is_offline(found, state):
        return "quiet", " · ".join(filter(None, (trp("sync", "Offline"), waits)))
    if waits:
        return "quiet", ntr("{n} change waits for sync", "{n} changes wait for sync", found.waiting)
    if found.last_success is None:
        return "quiet", tr("Not synced yet")
    return "good", tr("Synced {ago}", ago=ago(zone, found.last_success, now))


def headline(found: "Brief", state: "State | None", zone: Zone, now: int) -> str:
    """How the sync stands, at the head of the page."""
    if (state is not None and (state.running or state.error is not None)) or found.stopped:
        return status(found, state, zone, now)[1]
    if found.needs:
        return ntr("{n} thing needs you", "{n} things need you", found.needs)
    return status(found, state, zone, now)[1]


def is_offline(found: "Brief", state: "State | None") -> bool:
    """Whether the CRM was not reached the last time."""
    return found.trouble == Kind.NOT_SENT.value or (state is not None and state.offline)


def verified(found: "Verified", when: str) -> str:
    """What a comparison of everything found."""
    compared = ntr("{n} record compared {when}", "{n} records compared {when}", found.compared,
                   when=when)  # fmt: skip
    if not found.noticed:
        return tr("{compared}: both sides agree.", compared=compared)
    differed = ntr("{n} differed and was settled or is shown here",
                   "{n} differed and were settled or are shown here", found.noticed)  # fmt: skip
    return tr("{compared}: {differed}.", compared=compared, differed=differed)


def round_text(one: "Round") -> str:
    """What a round did."""
    parts = []
    if one.pushed:
        parts.append(tr("sent {n}", n=formats.whole(one.pushed)))
    if one.pulled:
        parts.append(tr("taken over {n}", n=formats.whole(one.pulled)))
    if one.failed:
        parts.append(ntr("{n} not taken", "{n} not taken", one.failed))
    if one.ended_at is None:
        parts.append(tr("cut off"))
    elif one.problem:
        parts.append(short(one.problem))
    text = ", ".join(parts) or tr("nothing new")
    return text[:1].upper() + text[1:]
