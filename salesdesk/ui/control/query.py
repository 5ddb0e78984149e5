"""What the page asks for in the background, in one reading of one state of the workspace."""

from dataclasses import dataclass, field
from typing import Any

from salesdesk.services import control, control_scope
from salesdesk.services.control import Desk
from salesdesk.services.control_lists import Listed
from salesdesk.services.control_scope import Choices

#: Changes in these tables alone change nothing on the page.
INDIFFERENT = frozenset(("note", "client_contact", "client_apart", "tag", "deal_tag",
                         "saved_filter", "plan", "norm", "rate", "payment",
                         "reach_ruling"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is about: who looks, at which team (None: all they see), morning or evening,
    which list, of which person alone."""

    me: int | None
    team_id: int | None = None
    evening: bool = False
    listed: Listed = field(default_factory=Listed)
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The desk, and what it can be limited to."""

    asked: Asked
    desk: Desk
    choices: Choices


def read(r: Any, asked: Asked, *, now: int) -> Answer:
    """Everything the page shows."""
    choices = control_scope.choices(r, asked.me, now=now)
    known = {team for team, _name, _depth in choices.teams}
    team = asked.team_id if asked.team_id in known else None
    whose = control_scope.whose(r, asked.me, team, now=now)
    person = asked.person_id if whose.has(asked.person_id) else None
    wanted = control.Asked(whose, asked.evening, asked.listed, person, asked.me)
    return Answer(asked, control.desk(r, wanted, now=now), choices)
