"""Awards: who is proposed, who may confirm, ties, few people, people who left, closed months, undo,
and the announcement in the digest."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.errors import Invalid, NotFound, Refused, SalesDeskError
from salesdesk.services import award_news, awards, closing, history
from salesdesk.services.awards import Proposal
from tests.builders import Desk, day, empty_store

Q3, Q2 = 2026 * 12 + 6, 2026 * 12 + 3
NOW = "2026-10-05T10:00"


class Office:
    """Three sellers, their lead (who sells too), and an administrator."""

    def __init__(self, folder: Path) -> None:
        self.store = empty_store(folder)
        desk = self.desk = Desk(self.store)
        team = desk.team("Sales")
        self.anna = desk.person("Anna", role="team_lead", team_id=team)
        self.maria, self.ivan, self.daria = (
            desk.person(name, team_id=team) for name in ("Maria", "Ivan", "Daria")
        )
        self.boss = desk.person("Boss", role="admin", in_ranking=0)
        self.stages = desk.pipeline("Sales")
        self.now = desk.at(NOW)

    def win(self, person: int, at: str = "2026-08-03", stage: int = 5) -> int:
        """A deal that reaches a stage: 35 points for the sixth, 3 for the third."""
        deal = self.desk.deal(self.stages[0], f"{at}T10:00", person, amount="100")
        self.desk.move(deal, self.stages[stage], f"{at}T12:00")
        return deal

    def proposal(self, month: int = Q3) -> Proposal:
        with self.store.read() as r:
            return awards.proposal(r, month, now=self.now)

    def hall(self) -> list[awards.Quarter]:
        with self.store.read() as r:
            return awards.hall(r)

    def confirm(
        self, places: list[tuple[int, int]] | None = None, *, by: int | None = None,
        reason: str = "", month: int = Q3,
    ) -> int:  # fmt: skip
        who = self.boss if by is None else by
        found = awards.confirm(self.store, month, places, reason=reason, person=who, now=self.now)
        return found.command_id


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.store.close()


def _standings(found: Proposal) -> list[tuple[int, str, Decimal]]:
    return [(one.place, one.person, one.points) for one in found.winners]


def test_the_first_three_of_the_quarter_are_proposed_and_confirmed(office: Office) -> None:
    for person, times in ((office.maria, 3), (office.ivan, 2), (office.daria, 1)):
        for _ in range(times):
            office.win(person)
    office.win(office.anna, stage=2)
    office.win(office.daria, "2026-06-30")  # of the quarter before
    assert _standings(office.proposal()) == [
        (1, "Maria", Decimal("105.3")), (2, "Ivan", Decimal("70.2")), (3, "Daria", Decimal("35.1")),
    ]  # fmt: skip
    office.confirm()
    [quarter] = office.hall()
    assert [(one.place, one.person, one.points) for one in quarter.winners] == _standings(
        office.proposal()
    )
    assert (quarter.first_month, quarter.by, quarter.at) == (Q3, "Boss", office.now)
    assert [one.reason for one in quarter.winners] == [None] * 3
    office.win(office.ivan)
    assert office.hall() == [quarter], "what they had stays"


def test_equal_ones_share_a_place(office: Office) -> None:
    for person in (office.maria, office.ivan, office.daria, office.anna):
        office.win(person)
    office.win(office.maria)
    assert [(one.place, one.person) for one in office.proposal().winners] == [
        (1, "Maria"), (2, "Anna"), (2, "Daria"), (2, "Ivan"),
    ]  # fmt: skip
    office.confirm()
    assert [one.place for one in office.hall()[0].winners] == [1, 2, 2, 2]


def test_fewer_people_than_places_and_nobody_at_all(office: Office) -> None:
    with pytest.raises(Refused, match="Nobody earned points in Q3 2026"):
        office.confirm()
    office.win(office.maria)
    assert len(office.proposal().winners) == 1, "who has no points gets no place"
    office.confirm()
    assert len(office.hall()[0].winners) == 1


def test_who_left_is_proposed_all_the_same_and_it_is_said(office: Office) -> None:
    office.win(office.maria)
    office.win(office.ivan)
    office.desk.update("person", office.maria, last_day=day("2026-09-01"))
    office.desk.update("person", office.ivan, deleted_at=1)
    assert [(one.person, one.here) for one in office.proposal().winners] == [
        ("Ivan", False), ("Maria", False),
    ]  # fmt: skip
    office.confirm()
    assert [one.person for one in office.hall()[0].winners] == ["Ivan", "Maria"]


def test_another_order_needs_a_reason_which_stands_with_what_differs(office: Office) -> None:
    for person, times in ((office.maria, 3), (office.ivan, 2), (office.daria, 1)):
        for _ in range(times):
            office.win(person)
    other = [(1, office.ivan), (2, office.maria), (3, office.daria)]
    with pytest.raises(Invalid, match="say why"):
        office.confirm(other)
    assert office.hall() == []
    office.confirm(other, reason="Helped the others")
    reasons = {one.person: one.reason for one in office.hall()[0].winners}
    assert reasons == {"Ivan": "Helped the others", "Maria": "Helped the others", "Daria": None}


def test_fewer_than_proposed_need_a_reason_too(office: Office) -> None:
    office.win(office.maria)
    office.win(office.maria)
    office.win(office.ivan)
    office.confirm([(1, office.maria)], reason="Only one prize")
    assert [one.reason for one in office.hall()[0].winners] == ["Only one prize"]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([], "needs somebody"),
        ([(1, "maria"), (2, "maria")], "Maria cannot have two places"),
        ([(1, "maria"), (3, "ivan")], "Places go 1, 2, 3"),
        ([(2, "maria")], "Places go 1, 2, 3"),
        ([(1, "maria"), (1, "ivan"), (2, "anna")], "Places go 1, 2, 3"),
        ([(1, "boss")], "Boss was not in the ranking"),
        ([(1, "nobody")], "no such person"),
    ],
)
def test_places_that_are_none_are_refused(
    office: Office, places: list[tuple[int, str]], said: str
) -> None:
    for person in (office.maria, office.ivan, office.anna):
        office.win(person)
    ids = [(place, getattr(office, who, 999)) for place, who in places]
    with pytest.raises(SalesDeskError, match=said):
        office.confirm(ids, reason="Why not")
    assert office.hall() == []


def test_who_may(office: Office) -> None:
    office.win(office.maria)
    office.win(office.anna)
    with pytest.raises(Refused, match="Only a team lead or an administrator"):
        office.confirm(by=office.maria)
    with pytest.raises(Refused, match="Nobody confirms a place of their own"):
        office.confirm(by=office.anna)
    others = [(1, office.maria)]
    office.confirm(others, by=office.anna, reason="I lead, they sell")
    with pytest.raises(Refused, match="Only a team lead or an administrator"):
        awards.withdraw(office.store, Q3, person=office.maria, now=office.now)
    with office.store.read() as r:
        assert awards.hall(r), "a manager may look"
        assert awards.reminder(r, office.maria, now=office.now) is None


def test_alone_one_confirms_the_own_place(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        desk = Desk(store)
        alone = desk.person("Only", role="admin")
        stage = desk.pipeline("Sales")[0]
        desk.deal(stage, "2026-08-03T10:00", alone)
        awards.confirm(store, Q3, person=alone, now=desk.at(NOW))


def test_quarters_and_their_end(office: Office) -> None:
    office.win(office.maria)
    with pytest.raises(Invalid, match="“2026-08” is no first month"):
        office.confirm(month=Q3 + 1)
    with pytest.raises(Refused, match=r"Q4 2026 is not over yet: .* 1 Jan 2027"):
        office.confirm(month=Q3 + 3)
    office.now = office.desk.at("2026-10-01T00:00") - 1
    with pytest.raises(Refused, match="not over"):
        office.confirm()
    office.now += 1
    office.confirm()
    with pytest.raises(Refused, match="confirmed already"):
        office.confirm()


def test_what_waits(office: Office) -> None:
    def waiting() -> tuple[list[int], int | None]:
        with office.store.read() as r:
            return (
                awards.open_quarters(r, now=office.now),
                awards.reminder(r, office.boss, now=office.now),
            )

    assert waiting() == ([], None)
    office.win(office.maria, "2026-02-02")
    assert waiting() == ([2026 * 12], None), "nothing to award for the last quarter"
    office.win(office.maria)
    assert waiting() == ([Q3, 2026 * 12], Q3)
    office.confirm()
    assert waiting() == ([2026 * 12], None)
    office.now = office.desk.at("2026-12-20T10:00")
    awards.withdraw(office.store, Q3, person=office.boss, now=office.now)
    assert waiting() == ([Q3, 2026 * 12], None), "long after it nobody is reminded"


def test_undo_redo_and_taking_back(office: Office) -> None:
    office.win(office.maria)
    command = office.confirm()
    history.undo(office.store, command, person=office.boss, now=office.now)
    assert office.hall() == []
    history.redo(office.store, command, person=office.boss, now=office.now)
    assert len(office.hall()) == 1
    back = awards.withdraw(office.store, Q3, person=office.boss, now=office.now)
    assert office.hall() == []
    with pytest.raises(NotFound, match="There are no awards of Q3 2026"):
        awards.withdraw(office.store, Q3, person=office.boss, now=office.now)
    history.undo(office.store, back, person=office.boss, now=office.now)
    assert len(office.hall()) == 1


def test_closed_months_decide_when_all_three_are_closed(office: Office) -> None:
    office.win(office.maria, "2026-07-03")
    office.win(office.ivan, "2026-09-03", stage=2)
    for month in (Q3, Q3 + 1):
        closing.close(office.store, month, person=office.boss, now=office.now)
    assert not office.proposal().closed
    closing.close(office.store, Q3 + 2, person=office.boss, now=office.now)
    before = office.proposal()
    assert before.closed
    for _ in range(3):
        office.win(office.ivan, "2026-09-04")  # a late laptop
    assert office.proposal() == before
    assert _standings(before) == [(1, "Maria", Decimal("35.1")), (2, "Ivan", Decimal("3.1"))]


def test_the_digest_announces_awards_once(office: Office) -> None:
    office.win(office.maria)
    office.confirm()
    given = office.store.zone.day_of(office.now)

    def told(more: int) -> list[str]:
        with office.store.read() as r:
            return award_news.announcement(r, given + more)

    said = ["Awards of Q3 2026: 1. Maria (35.1 points). Congratulations!"]
    assert [told(more) for more in (0, 1, 7, 8)] == [[], said, said, []]
    office.desk.insert("digest_sent", kind="days", day=given + 1, state="failed", at=office.now)
    assert told(2) == said, "nobody has read it yet"
    office.desk.insert("digest_sent", kind="days", day=given + 2, state="sent", at=office.now)
    assert told(2) == said, "the digest of the day says the same to everybody"
    assert told(3) == []
