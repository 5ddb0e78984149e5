"""Who and what the sample story is about: read from ``resources/story``, put into a workspace."""

import tomllib
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from typing import Any

from salesdesk.models.store import Store, Transaction
from salesdesk.moments import month_of, month_text
from salesdesk.names import key
from salesdesk.services import days_off, link_rules, people, pipelines, settings, templates
from salesdesk.services.action_plans import METRIC
from salesdesk.services.configuration_import import apply
from salesdesk.services.lists import items
from salesdesk.services.metric_names import MONEY
from salesdesk.services.records import Asks
from salesdesk.services.story_contractors import Carrier, hire
from salesdesk.text import resource

#: How many units of other currencies the roubles of the story make, roughly.
_SCALE = {"RUB": Decimal(1), "KZT": Decimal(6), "BYN": Decimal("0.04")}
_ELSEWHERE = Decimal("0.012")
#: How often a seller is to do tasks of the first kinds (calls, meetings) in a month.
_ACTIONS = ("16", "8")


@dataclass
class Seller:
    """Someone who sells, and how: ``steps`` made, tasks done in time (``punctual``), next tasks
    agreed on (``careful``), all as shares; ``leaves`` days before the end of the story."""

    id: int
    name: str
    share: float
    steps: float
    punctual: float
    careful: float
    plan: dict[str, str]
    leaves: int | None = None


@dataclass(frozen=True)
class Offer:
    """What is sold, for how much: a range in the workspace's currency."""

    title: str
    low: Decimal
    high: Decimal
    step: Decimal


@dataclass(frozen=True)
class Customer:
    """A client company and its contact person."""

    company_id: int
    contact_id: int


@dataclass
class Cast:
    """Everybody and everything that the story needs, with the ids of this workspace."""

    sellers: list[Seller]
    heir: int
    offers: list[Offer]
    customers: list[Customer]
    followups: list[tuple[str, int | None]]
    notes: list[str]
    postponed: list[str]
    words: dict[str, str]
    sources: list[int]
    reasons: list[int]
    excuses: list[int]
    stages: dict[int, list[pipelines.Stage]] = field(default_factory=dict)
    #: What each pipeline of child deals does, and the stages whose children answer by moving the
    #: parent on.
    works: dict[int, str] = field(default_factory=dict)
    answered: frozenset[int] = frozenset()
    carriers: list[Carrier] = field(default_factory=list)
    transport: str = ""
    praise: list[str] = field(default_factory=list)
    #: Own fields of the deals (id and whether it is a number) and what is written there.
    routes: list[str] = field(default_factory=list)
    route_field: int | None = None
    weight_field: int | None = None


def script(language: str) -> dict[str, Any]:
    """The story's script in one language."""
    content = tomllib.loads(resource("story", "story.toml").read_text("utf-8"))
    shared = [templates.content(name)["words"] for name in ("common", "turnkey")]
    every = {**shared[0], **shared[1], **content.pop("words")}
    words = {name: word[language] for name, word in every.items()}
    told: dict[str, Any] = templates.worded(_in_language(content, language), words)
    return told


def _in_language(value: Any, language: str) -> Any:
    """Texts given in every language made texts of one."""
    if isinstance(value, dict):
        if language in value and all(isinstance(word, str) for word in value.values()):
            return value[language]
        return {name: _in_language(entry, language) for name, entry in value.items()}
    if isinstance(value, list):
        return [_in_language(entry, language) for entry in value]
    return value


def assemble(store: Store, told: dict[str, Any], language: str, start: int, now: int) -> Cast:
    """Bring people, plans, norms and clients into the workspace at ``start``; returns the cast."""
    with store.command("demo.cast", now=start, origin="demo") as tx:
        if not pipelines.pipelines(tx):
            apply(tx, templates.template_document("turnkey", language))
        _years(tx, start, now, language)
        apply(tx, told["document"])
        _give_links(tx, told)
        apply(tx, _targets(tx, told, start, now))
        customers = _customers(tx, told)
        scale = _SCALE.get(settings.get(tx, settings.CURRENCY), _ELSEWHERE)
        cast = _cast(tx, told, customers, scale)
    cast.carriers = hire(store, told["contractor"], cast.heir, start)
    return cast


def _years(tx: Transaction, start: int, now: int, language: str) -> None:
    first, last = tx.zone.local(start).year, tx.zone.local(now).year + 1
    country = settings.get(tx, settings.COUNTRY)
    region = settings.get(tx, settings.SUBDIVISION)
    days_off.ensure_years(tx, range(first, last + 1), country, region, language)


def _give_links(tx: Transaction, told: dict[str, Any]) -> None:
    """Child deals go to whoever of the helpers has the least to do, payments to one person."""
    helpers = people.find_team(tx, told["story"]["helpers"]).id
    collector = people.find_person(tx, told["story"]["collector"]).id
    works = _works(tx, told)
    for link in link_rules.link_rules(tx):
        if link.kind != "open_child":
            continue
        target = pipelines.stage_of(tx, link.target_stage_id).pipeline_id
        if works.get(target) == "payments":
            given = replace(link, assignee_rule="person", assignee_id=collector)
        else:
            given = replace(link, assignee_rule="least_loaded", team_id=helpers)
        link_rules.write_link_rule(tx, given)


def _works(tx: Asks, told: dict[str, Any]) -> dict[int, str]:
    """What the pipelines do that have the names of the turnkey template."""
    kinds = {key(name): kind for kind, name in told["works"].items()}
    return {
        pipeline.id: kinds[key(pipeline.name)]
        for pipeline in pipelines.pipelines(tx)
        if key(pipeline.name) in kinds
    }


def _answered(tx: Asks) -> frozenset[int]:
    """Stages that open a child in a pipeline which moves the parent on to a later stage."""
    stages = {stage.id: stage for stage in pipelines.stages(tx)}
    links = [(stages[link.stage_id], stages[link.target_stage_id], link.kind)
             for link in link_rules.link_rules(tx)]  # fmt: skip
    back = [(here, there) for here, there, kind in links if kind == "move_parent"]
    return frozenset(
        here.id
        for here, there, kind in links
        for child, parent in back
        if kind == "open_child"
        and child.pipeline_id == there.pipeline_id
        and parent.pipeline_id == here.pipeline_id
        and parent.position > here.position
    )


def _targets(tx: Transaction, told: dict[str, Any], start: int, now: int) -> dict[str, Any]:
    """Plans of every month of the story and the next two, growing as the business does, and norms
    for everybody."""
    first, last = month_of(tx.zone.day_of(start)), month_of(tx.zone.day_of(now))
    scale = _SCALE.get(settings.get(tx, settings.CURRENCY), _ELSEWHERE)
    plans = []
    for seller in told["seller"]:
        end = last - seller["leaves"] // 30 if "leaves" in seller else last + 2
        for metric, value in seller["plan"].items():
            money = scale if metric in MONEY else None
            months = {
                month_text(month): _target(Decimal(value), (month - first) / (last - first), money)
                for month in range(first, end + 1)
            }
            plans.append({"person": seller["name"], "metric": metric, "months": months})
        for kind, value in zip(items(tx, "task_kinds"), _ACTIONS, strict=False):
            months = {month_text(month): value for month in range(first, end + 1)}
            plans.append({"person": seller["name"], "metric": METRIC, "kind": kind.name,
                          "months": months})  # fmt: skip
    norms = [{"metric": name, "value": value} for name, value in told["story"]["norms"].items()]
    return {"plan": plans, "norm": norms}


def _target(value: Decimal, done: float, scale: Decimal | None) -> str:
    grown = value * Decimal(str(round(min(0.55 + 0.45 * done, 1.0), 3)))
    unit = Decimal(1) if scale is None else Decimal(100_000) * scale
    total = grown * (scale or Decimal(1))
    return str((total / unit).to_integral_value(ROUND_CEILING) * unit)


def _customers(tx: Transaction, told: dict[str, Any]) -> list[Customer]:
    industries = [item.id for item in items(tx, "industries")]
    found = []
    for number, entry in enumerate(told["company"]):
        industry = industries[entry["industry"]] if entry["industry"] < len(industries) else None
        company = _client(tx, "company", entry["name"], industry, None, _tax_number(number))
        contact = _client(tx, "contact", entry["contact"], None, company)
        phone = f"+7 912 555-01-{10 + number}"
        tx.insert(
            "client_contact",
            [
                {"client_id": contact, "kind": "phone", "value": phone, "position": 0,
                 "value_key": "".join(filter(str.isdigit, phone))},
                {"client_id": contact, "kind": "email", "value": entry["email"], "position": 1,
                 "value_key": entry["email"]},
            ],
        )  # fmt: skip
        found.append(Customer(company, contact))
    return found


def _tax_number(number: int) -> str:
    """Ten digits whose last one is right, as Russian ones are; no region has the number 00."""
    digits = f"00{7_100_000 + number * 1_037:07d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    check = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return f"{digits}{check % 11 % 10}"


def _client(
    tx: Transaction,
    kind: str,
    name: str,
    industry: int | None,
    company: int | None,
    tax_number: str | None = None,
) -> int:
    row = {
        "kind": kind, "name": name, "name_key": key(name), "industry_id": industry,
        "company_id": company, "tax_number": tax_number,
    }  # fmt: skip
    return tx.insert("client", [row])[0]


def _cast(tx: Asks, told: dict[str, Any], customers: list[Customer], scale: Decimal) -> Cast:
    ids = {person.name: person.id for person in people.people(tx)}
    sellers = [Seller(id=ids[entry["name"]], **entry) for entry in told["seller"]]
    kinds = [item.id for item in items(tx, "task_kinds")]
    reasons = items(tx, "lost_reasons")
    step = Decimal(1000) * scale if scale >= 1 else Decimal(50)
    thousand = Decimal(1000) * scale
    cast = Cast(
        sellers,
        ids[told["story"]["heir"]],
        [
            Offer(
                entry["title"], entry["amount"][0] * thousand, entry["amount"][1] * thousand, step
            )
            for entry in told["offer"]
        ],
        customers,
        [
            (entry["title"], kinds[entry["kind"]] if entry["kind"] < len(kinds) else None)
            for entry in told["followup"]
        ],
        told["phrases"]["notes"],
        told["phrases"]["postponed"],
        {name: told["phrases"][name] for name in ("advance", "balance", "refused")},
        [item.id for item in items(tx, "sources")],
        [item.id for item in reasons if not item.values["not_refusal"]],
        [item.id for item in reasons if item.values["not_refusal"]],
    )
    cast.stages = {
        pipeline.id: pipelines.stages(tx, pipeline.id) for pipeline in pipelines.pipelines(tx)
    }
    cast.works, cast.answered = _works(tx, told), _answered(tx)
    cast.transport, cast.praise = told["story"]["transport"], told["phrases"]["praise"]
    cast.routes = told["phrases"]["routes"]
    own = {key(item.name): item.id for item in items(tx, "fields")}
    cast.route_field = own.get(key(told["story"]["route"]))
    cast.weight_field = own.get(key(told["story"]["weight"]))
    return cast
