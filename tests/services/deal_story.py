"""A small workspace around one deal: people, two pipelines, rules, and a deal with a past."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from salesdesk.models.store import Store
from salesdesk.moments import DAY_SECONDS, SECOND
from salesdesk.services import (
    automation,
    dealfields,
    deals,
    lists,
    people,
    pipelines,
    settings,
    task_rules,
    tasks,
)
from salesdesk.services.link_rules import LinkRule, add_link_rule
from tests.builders import empty_store

DAY = DAY_SECONDS * SECOND
STAGES = (
    ("New request", "open", "slate", 10, 3, "new"),
    ("Meeting scheduled", "open", "blue", 30, 7, "meeting_scheduled"),
    ("Meeting held", "open", "teal", 50, 7, "meeting_held"),
    ("Contract signed", "open", "violet", 75, 14, "contract_signed"),
    ("Advance paid", "open", "orange", 90, 14, "advance_paid"),
    ("Won", "won", "green", 100, None, "won"),
    ("Lost", "lost", "red", 0, None, "lost"),
)


@dataclass
class Story:
    """The workspace and the ids in it; ``now`` is 21 November 2026, 15:00 in Moscow."""

    store: Store
    now: int
    admin: int
    maria: int
    ivan: int
    stages: dict[str, int]
    estimate: int
    call: int
    deal: int = 0

    def at(self, text: str) -> int:
        """The moment of a local time of the workspace."""
        return self.store.zone.moment(datetime.fromisoformat(text))


def empty_story(folder: Path) -> Story:
    """People, pipelines and lists; no deal yet."""
    store = empty_store(folder)
    with store.command("init", now=1) as tx:
        settings.write(tx, {"zone": "Europe/Moscow", "currency": "RUB"}, making=True)
    now = store.zone.moment(datetime.fromisoformat("2026-11-21T15:00"))
    long_ago = now - 400 * DAY

    def person(name: str, role: str) -> int:
        return people.add_person(store, name, {"role": role}, person=None, now=long_ago).id

    admin, maria = person("Anna Orlova", "admin"), person("Maria Kim", "manager")
    ivan = person("Ivan Petrov", "manager")
    sales = pipelines.add_pipeline(store, "Turnkey services", person=None, now=long_ago).id
    stages = {
        name: pipelines.add_stage(
            store, sales, name,
            {"kind": kind, "colour": colour, "probability": chance, "limit_days": limit,
             "milestone": milestone},
            person=None, now=long_ago,
        ).id
        for name, kind, colour, chance, limit, milestone in STAGES
    }  # fmt: skip
    other = pipelines.add_pipeline(store, "Logistics", counts=False, person=None, now=long_ago).id
    estimate = pipelines.add_stage(store, other, "Estimate", person=None, now=long_ago).id
    for which, names in (
        ("sources", ("Website form", "Referral")),
        ("industries", ("Construction",)),
        ("lost_reasons", ("Too expensive", "Went to a competitor", "No budget")),
    ):
        for name in names:
            lists.add(store, which, name, person=None, now=long_ago)
    call = lists.add(store, "task_kinds", "Call", {"icon": "phone"}, person=None, now=long_ago).id
    return Story(store, now, admin, maria, ivan, stages, estimate, call)


def add_rules(story: Story) -> None:
    """Entering "Meeting held" makes two tasks and opens a deal in Logistics."""
    held = story.stages["Meeting held"]
    long_ago = story.now - 399 * DAY
    for title, days in (("Send proposal", 3), ("Get feedback", 7)):
        rule = automation.TaskRule(0, held, title, amount=days, unit="days")
        task_rules.add_task_rule(story.store, rule, person=None, now=long_ago)
    link = LinkRule(0, held, "open_child", story.estimate, "Estimate")
    add_link_rule(story.store, link, person=None, now=long_ago)


def told_story(folder: Path) -> Story:
    """The deal of the pictures: created by Maria, with a meeting scheduled and held."""
    story = empty_story(folder)
    add_rules(story)
    store, who = story.store, story.maria
    made = deals.create(
        store,
        deals.NewDeal(
            "Excavator rental, 3 months", story.stages["New request"], owner_id=who,
            amount=Decimal(900_000), expected_day=date(2026, 12, 12).toordinal(),
        ),
        person=who, now=story.at("2026-11-12T10:30"),
    )  # fmt: skip
    story.deal = made.deal_ids[0]
    at = story.at("2026-11-12T10:32")
    dealfields.set_client(store, story.deal, "client_id", "Vector-Agro", person=who, now=at)
    dealfields.set_client(store, story.deal, "contact_id", "Pavel Gromov", person=who, now=at + 1)
    deals.change(
        store, story.deal, {"amount": Decimal(1_240_000)}, person=who,
        now=story.at("2026-11-13T09:40"),
    )  # fmt: skip
    for stage, moment in (
        ("Meeting scheduled", "2026-11-14T11:02"), ("Meeting held", "2026-11-18T16:20"),
    ):  # fmt: skip
        deals.move(store, [story.deal], story.stages[stage], person=who, now=story.at(moment))
    deals.add_note(
        store, story.deal, "They want a walk-round before signing.", person=who,
        now=story.at("2026-11-18T16:41"),
    )  # fmt: skip
    tasks.add(
        store,
        tasks.NewTask(
            "Call about the deposit", story.deal, assignee_id=who, kind_id=story.call,
            due_at=story.at("2026-11-20T12:00"),
        ),
        person=who, now=story.at("2026-11-18T17:00"),
    )  # fmt: skip
    return story


def add_phone(story: Story, contact: str, phone: str) -> None:
    """Give a client a phone."""
    with story.store.command("client.change", now=story.now) as tx:
        client = tx.value("SELECT id FROM client WHERE name = ?", (contact,))
        tx.insert(
            "client_contact",
            [{"client_id": client, "kind": "phone", "value": phone, "value_key": phone}],
        )
