"""Whose a task becomes: the person that its rule means, or whoever stands in for them. Pure.

A rule never stops a move. Where it points to somebody or something that is not there any more, the
task falls to the supervisor, with a note (a code of ``task_notes`` and a name) that says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesdesk.services.rulebook import TaskRule

if TYPE_CHECKING:
    from salesdesk.services.automation import Situation

#: A code of ``task_notes`` and the name that goes with it.
Note = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Absence:
    """Days ``first_day..last_day`` (both included) on which someone is away."""

    first_day: int
    last_day: int
    substitute_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """What the assignee rules need to know of a person.

    ``team_lead_id`` is the lead of the person's team (of the team above, for the lead of one).
    """

    id: int
    supervisor_id: int | None = None
    team_id: int | None = None
    team_lead_id: int | None = None
    active: bool = True
    absences: tuple[Absence, ...] = ()
    name: str = ""
    deleted: bool = False

    def superior(self) -> int | None:
        """The supervisor: the person named, else the lead of the team; nobody is their own."""
        for found in (self.supervisor_id, self.team_lead_id):
            if found is not None and found != self.id:
                return found
        return None

    def absence_on(self, day: int) -> Absence | None:
        """The absence that covers a day."""
        return next((a for a in self.absences if a.first_day <= day <= a.last_day), None)


People = Mapping[int, PersonInfo]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who gets a task (nobody, when there is nobody), and why it is not the one it was meant for
    when that one is not there any more."""

    person_id: int | None
    note: Note | None = None


def assignment_of(rule: TaskRule, situation: "Situation", first_day: int) -> Assignment:
    """Who gets the task on its first day, after substitution.

    Someone who left is replaced by their supervisor, else by that of the responsible person, else
    by the responsible person. So is whoever would get the task of a rule that is broken
    (``situation.troubles``).
    """
    people, responsible = situation.people, situation.responsible_id
    trouble = situation.troubles.get(rule.id)
    meant = Assignment(None, trouble) if trouble else _meant(rule, situation, first_day)
    wanted = meant.person_id
    candidates = (
        wanted, _superior(wanted, people), _superior(responsible, people), responsible,
    )  # fmt: skip
    chosen = next((one for one in candidates if one is not None and _works(one, people)), None)
    note = meant.note or (None if wanted is None else gone(wanted, people))
    if chosen is not None:
        chosen = substitute_of(chosen, people, first_day)
    return Assignment(chosen, note)


def gone(person_id: int, people: People) -> Note | None:
    """That a person does not work here (any more); nothing for one who does."""
    info = people.get(person_id)
    if info is None:
        return ("person_unknown", "")
    if info.active:
        return None
    return ("person_deleted" if info.deleted else "person_left", info.name)


def _meant(rule: TaskRule, situation: "Situation", day: int) -> Assignment:
    """Whom the rule means; the responsible person for a team in which nobody works."""
    responsible = situation.responsible_id
    if rule.assignee_rule == "person":
        return Assignment(rule.assignee_id)
    if rule.assignee_rule == "supervisor":
        return Assignment(_superior(responsible, situation.people) or responsible)
    if rule.assignee_rule == "least_loaded":
        least = _least_loaded(rule.team_id, situation, day)
        name = situation.team_names.get(rule.team_id or 0, "")
        return Assignment(least) if least else Assignment(responsible, ("team_empty", name))
    return Assignment(responsible)


def _superior(person_id: int | None, people: People) -> int | None:
    info = people.get(person_id) if person_id is not None else None
    return info.superior() if info else None


def _works(person_id: int, people: People) -> bool:
    info = people.get(person_id)
    return info is not None and info.active


def _least_loaded(team_id: int | None, situation: "Situation", day: int) -> int | None:
    members = members_on(team_id, situation.people, situation.team_parents, day)
    return least_loaded_of(members, situation.load) if members else None


def members_on(
    team_id: int | None, people: People, parents: Mapping[int, int | None], day: int
) -> list[int]:
    """Who may get a task of a team and the teams inside it: those present, else all of them."""
    members = [info for info in people.values() if works_in(info, team_id, parents)]
    present = [info.id for info in members if info.absence_on(day) is None]
    return present or [info.id for info in members]


def least_loaded_of(members: Sequence[int], load: Mapping[int, int]) -> int:
    """The one with the fewest open tasks; of several the one who was entered first."""
    return min(members, key=lambda person: (load.get(person, 0), person))


def works_in(info: PersonInfo, team_id: int | None, parents: Mapping[int, int | None]) -> bool:
    """Whether someone works in a team or in one inside it."""
    return info.active and _inside(info.team_id, team_id, parents)


def _inside(team_id: int | None, wanted: int | None, parents: Mapping[int, int | None]) -> bool:
    seen: set[int] = set()
    while team_id is not None and team_id not in seen:
        if team_id == wanted:
            return True
        seen.add(team_id)
        team_id = parents.get(team_id)
    return False


def substitute_of(person_id: int, people: People, day: int) -> int:
    """The person, or who stands in for them on a day: a substitute who is absent too passes on to
    theirs. A chain that ends with nobody present, or turns in a circle, leaves the task with the
    person it was meant for."""
    seen = {person_id}
    current: int = person_id
    while True:
        info = people.get(current)
        absence = info.absence_on(day) if info else None
        if absence is None:
            return current
        following = absence.substitute_id
        if following is None or following in seen or not _works(following, people):
            return person_id
        seen.add(following)
        current = following
