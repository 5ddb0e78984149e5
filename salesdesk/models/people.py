"""People, teams, absences, and the calendar they work by."""

from sqlalchemy import Index
from sqlmodel import Field

from salesdesk.models.columns import Keyed, Record, big, flag, must, must_ref, ref


class Team(Record, table=True):
    """A node of the tree of departments and groups."""

    __tablename__ = "team"
    name: str
    name_key: str = Field(index=True)
    parent_id: int | None = ref("team.id")
    lead_id: int | None = ref("person.id")
    position: int = Field(default=0)


class Person(Record, table=True):
    """Someone who works here; ``role`` is ``manager``, ``team_lead`` or ``admin``."""

    __tablename__ = "person"
    name: str
    name_key: str = Field(index=True)
    role: str = "manager"
    team_id: int | None = ref("team.id")
    supervisor_id: int | None = ref("person.id")
    email: str | None = None
    phone: str | None = None
    in_ranking: int = flag(True)
    first_day: int | None = big()
    last_day: int | None = big()
    pin_hash: str | None = None
    external_id: str | None = None


class Absence(Record, table=True):
    """Days on which a person is away, and who stands in."""

    __tablename__ = "absence"
    person_id: int = must_ref("person.id", index=True)
    first_day: int = must()
    last_day: int = must()
    substitute_id: int | None = ref("person.id")


class DayOff(Record, table=True):
    """A day on which nobody works: copied from the country's calendar, or the team's own."""

    __tablename__ = "day_off"
    day: int = must(index=True)
    name: str = ""
    origin: str = "country"


class CalendarYear(Keyed, table=True):
    """A year whose working days were copied into the workspace, so that they never change."""

    __tablename__ = "calendar_year"
    year: int = Field(unique=True)
    country: str
    deleted_at: int | None = big()


class Plan(Record, table=True):
    """The target of a metric for a person or team in one month; ``value`` in ten-thousandths.

    ``kind_id``: of the metric ``actions``, which kind of task is to be done so many times.
    """

    __tablename__ = "plan"
    __table_args__ = (Index("ix_plan_month", "month", "metric"),)
    metric: str
    kind_id: int | None = ref("task_kind.id")
    person_id: int | None = ref("person.id")
    team_id: int | None = ref("team.id")
    month: int = must()
    value: int = must()


class Norm(Record, table=True):
    """What is still acceptable; of a person, a team, or (neither) of everybody.

    ``month`` is empty for a norm that holds in every month. ``value`` in ten-thousandths.
    """

    __tablename__ = "norm"
    metric: str
    person_id: int | None = ref("person.id")
    team_id: int | None = ref("team.id")
    month: int | None = big()
    value: int = must()
