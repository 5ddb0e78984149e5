"""What the control desk says: tiles, heads of columns, the cells of a task's or a deal's row."""

from dataclasses import dataclass

from salesdesk.moments import Zone
from salesdesk.services.control_lists import CLOSED, DealRow, Listed, PutOff, Row, TaskRow
from salesdesk.services.control_numbers import Standing
from salesdesk.services.control_scope import DAY
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import formats
from salesdesk.ui.formats import DASH

#: What stands on a tile and over its list.
TITLES = {
    "overdue": N_("Overdue tasks"), "today": N_("Due today"), "idle": N_("Deals without a task"),
    "stuck": N_("Stuck deals"), "waiting": N_("Waiting too long"),
    "accept": N_("Results to accept"), "done": N_("Done today"), "left": N_("Not done today"),
    "postponed": N_("Postponed today"), "tomorrow": N_("Due tomorrow"),
    "standing": N_("Deals in the stage"), "absent": N_("Tasks to hand over"),
}  # fmt: skip
#: What an empty list says.
EMPTY = {
    "overdue": N_("Nothing is overdue. Well done."),
    "today": N_("Nothing more is due today."),
    "idle": N_("Every deal has a task: somebody works on each of them."),
    "stuck": N_("No deal stands in its stage beyond the limit."),
    "waiting": N_("No task waits too long for its event."),
    "accept": N_("No result waits to be accepted."),
    "done": N_("No task has been done today yet."),
    "left": N_("Everything that was due today is done."),
    "postponed": N_("Nothing was postponed today."),
    "tomorrow": N_("Nothing is due tomorrow."),
    "standing": N_("No deal stands here any more."),
    "absent": N_("There is nothing to hand over: no open task is due in the absence."),
}
_BAD = frozenset(("overdue", "stuck", "left"))
_AMBER = frozenset(("today", "waiting", "postponed", "idle"))


#: Where a tile says it shorter than the list's heading.
_SHORT = {"idle": N_("No task"), "stuck": N_("Stuck"), "overdue": N_("Overdue")}


def short(kind: str) -> str:
    """What stands on a tile."""
    return tr(_SHORT.get(kind, TITLES[kind]))


def title(kind: str) -> str:
    """The name of a list."""
    return tr(TITLES[kind])


def tone(kind: str, count: int) -> str:
    """How a tile's number is coloured: ``bad``, ``warning``, ``good`` or plain."""
    if not count:
        return ""
    if kind in _BAD:
        return "bad"
    if kind == "done":
        return "good"
    return "warning" if kind in _AMBER else ""


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of the columns, and which share of the room the last but one takes."""

    title: str
    about: str
    person: str
    when: str
    more: str


def heads(listed: Listed) -> Heads:
    """The heads of a list."""
    if listed.of_deals:
        return Heads(tr("Deal"), tr("Client"), tr("Responsible"), tr("Stage"), tr("In stage"))
    when, more = {
        "waiting": (tr("Waits since"), tr("Postponed")),
        "accept": (tr("Done at"), tr("Result")),
        "done": (tr("Done at"), tr("Result")),
        "postponed": (tr("Moved to"), tr("By whom, why")),
    }.get(listed.kind, (tr("Due"), tr("Postponed")))
    return Heads(tr("Task"), tr("Deal · client"), tr("Assignee"), when, more)


@dataclass(frozen=True, slots=True)
class Cells:
    """A row as it is painted: its dot, its texts, and the tone of the last two."""

    dot: str
    title: str
    about: str
    person_id: int | None
    person: str
    when: str
    more: str
    when_tone: str = ""
    more_tone: str = ""
    pill: bool = False
    colour: str = ""

    def spoken(self) -> str:
        """For a screen reader."""
        parts = (self.title, self.about, self.person, self.when, self.more)
        return ", ".join(part for part in parts if part)


class Wording:
    """Makes the cells of rows as of a moment."""

    def __init__(self, zone: Zone, now: int) -> None:
        self.zone = zone
        self.now = now

    def cells(self, row: Row, listed: Listed) -> Cells:
        """What the cells of a row say."""
        if isinstance(row, DealRow):
            return self._deal(row)
        about = " · ".join(part for part in (row.deal, row.client) if part) or DASH
        when, tone_of_when = self._when(row, listed)
        more, tone_of_more = self._more(row, listed)
        person = row.person or tr("Nobody")
        return Cells(
            row.shown, row.title, about, row.person_id, person, when, more, tone_of_when,
            tone_of_more,
        )  # fmt: skip

    def _deal(self, row: DealRow) -> Cells:
        stood = in_stage(row.stood, row.limit_days)
        return Cells(
            row.shown, row.title, row.client or DASH, row.person_id, row.person or tr("Nobody"),
            row.stage, stood, "", age(row.stood, row.limit_days), True, row.colour,
        )  # fmt: skip

    def _when(self, row: TaskRow, listed: Listed) -> tuple[str, str]:
        if listed.kind in CLOSED and row.closed_at is not None:
            return self.near(row.closed_at), ""
        if listed.kind == "waiting":
            return self.near(row.created_at), ""
        if row.put_off is not None:
            return self._moved(row.put_off), ""
        if row.due_at is None:
            return DASH, ""
        return self.near(row.due_at), "bad" if row.shown == "overdue" else ""

    def _moved(self, put_off: PutOff) -> str:
        """``18 Nov → 25 Nov 10:00``; the old day only when it is another one."""
        if put_off.after is None:
            return DASH
        after = self.near(put_off.after)
        if put_off.before is None:
            return after
        old, new = (self.zone.day_of(at) for at in (put_off.before, put_off.after))
        return after if old == new else f"{formats.day_short(old)} → {after}"

    def _more(self, row: TaskRow, listed: Listed) -> tuple[str, str]:
        if listed.kind in CLOSED:
            return row.result or "", ""
        if row.put_off is not None:
            words = [row.put_off.by or tr("Nobody"), row.put_off.reason or ""]
            times = f"{row.put_off.times} ×" if row.put_off.times > 1 else ""
            return " · ".join(part for part in (times, *words) if part), ""
        return times_put_off(row.postponed), "bad" if row.often else "muted"

    def near(self, at: int) -> str:
        """A moment beside today."""
        return formats.near(self.zone, at, self.now)


def times_put_off(n: int) -> str:
    """``4 ×``; nothing for a task that never was."""
    return f"{n} ×" if n else ""


def days_of(microseconds: int) -> int:
    """Whole days."""
    return microseconds // DAY


def in_stage(stood: int, limit_days: int | None) -> str:
    """``12 d of 7``; without a limit ``12 d``."""
    if limit_days is None:
        return tr("{n} d", n=days_of(stood))
    return tr("{n} d of {limit}", n=days_of(stood), limit=limit_days)


def age(stood: int, limit_days: int | None) -> str:
    """``stuck`` beyond the limit, ``warn`` from half of it on, else ``fresh``."""
    if limit_days is None:
        return "fresh"
    if stood > limit_days * DAY:
        return "stuck"
    return "warn" if stood * 2 >= limit_days * DAY else "fresh"


def standing_tip(person: str, stage: str, one: Standing, limit_days: int | None) -> str:
    """What a cell of the times in stages says."""
    words = ntr("{n} deal", "{n} deals", one.deals)
    mean = in_stage(one.mean, limit_days)
    longest = tr("{n} d", n=days_of(one.longest))
    said = tr("{person} · {stage}: {deals}, on average {mean}, the longest {longest}",
              person=person, stage=stage, deals=words, mean=mean, longest=longest)  # fmt: skip
    if not one.stuck:
        return said
    return f"{said}; {ntr('{n} stuck', '{n} stuck', one.stuck)}"
