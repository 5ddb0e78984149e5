"""The configuration as a file: out and in changes nothing, mistakes are named, all or nothing."""

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from salesdesk.errors import Invalid, NotFound, Refused, SalesDeskError
from salesdesk.models.store import Store
from salesdesk.services import (
    absences,
    configuration,
    days_off,
    history,
    link_rules,
    lists,
    people,
    pipelines,
    settings,
    stage_points,
    task_rules,
    templates,
)
from salesdesk.services.automation import TaskRule
from salesdesk.services.configuration import ConfigurationRefused
from salesdesk.services.template_names import TEMPLATES
from tests.services.configured import NOW, hire, stage, workspace

BY: dict[str, Any] = {"person": None, "now": NOW}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path, "turnkey") as opened:
        yield opened


def exported(store: Store) -> str:
    with store.read() as r:
        return configuration.export_configuration(r)


def imported(store: Store, document: dict[str, Any] | str) -> configuration.Imported:
    content = document if isinstance(document, str) else tomli_w.dumps(document)
    return configuration.import_configuration(store, content, **BY)


def enrich(store: Store) -> None:
    """One of everything that a configuration may hold."""
    team = people.add_team(store, "Sales department", **BY).id
    inner = people.add_team(store, "Key clients", {"parent_id": team}, **BY).id
    lead = hire(store, "Anna Orlova", "team_lead", team_id=team, email="anna@example.com")
    worker = hire(
        store, "Maria Kim", team_id=inner, supervisor_id=lead, in_ranking=False, first_day=739000,
        external_id="17",
    )  # fmt: skip
    people.change_team(store, team, {"lead_id": lead}, **BY)
    absences.add_absence(store, worker, 739940, 739950, lead, **BY)
    lists.add(store, "tags", "urgent", **BY)
    field = {"kind": "choice", "options": ["a", "b"]}
    lists.add(store, "fields", "Site", field, **BY)
    held, job = stage(store, "Meeting held"), stage(store, "New job")
    pipelines.change_stage(store, held, {"required": ["amount", "Site"]}, **BY)
    stage_points.set_points(store, held, Decimal("4.25"), valid_from=739900, **BY)
    with store.read() as r:
        first = task_rules.task_rules(r, held)[0].id
    for rule in (
        TaskRule(0, held, "On a date", due_rule="on_date", fixed_day=740000),
        TaskRule(0, held, "Then", due_rule="on_event", event="task_done", event_task_rule_id=first),
        TaskRule(0, held, "When", due_rule="on_event", event="child_enters", event_stage_id=job),
        TaskRule(0, held, "Filled", due_rule="on_event", event="field_filled", event_field="cost"),
        TaskRule(0, job, "Hers", assignee_rule="person", assignee_id=worker, due_minute=615),
        TaskRule(0, job, "Theirs", assignee_rule="least_loaded", team_id=team, must_be_done=True),
        TaskRule(0, job, "Before", due_rule="before_date", date_field="expected_day", amount=2,
                 shift_to_working_day=True),
    ):  # fmt: skip
        task_rules.add_task_rule(store, rule, **BY)
    settings.set_rate(store, "USD", Decimal("92.51"), valid_from=739900, **BY)
    days_off.add(store, 740020, "Birthday of the firm", **BY)
    settings.change(store, {"working_hours": ["08:30", "17:30"]}, **BY)
    plan = {"person": "Maria Kim", "metric": "revenue", "months": {"2026-11": "4000000.50"}}
    imported(
        store, {"plan": [plan], "norm": [{"metric": "lost", "team": "Key clients", "value": "3"}]}
    )


def test_importing_what_was_exported_changes_nothing(store: Store) -> None:
    enrich(store)
    content = exported(store)
    with store.read() as r:
        before = r.value("SELECT count(*) FROM command"), r.value("SELECT count(*) FROM change")
    assert imported(store, content) == configuration.Imported(None)
    with store.read() as r:
        after = r.value("SELECT count(*) FROM command"), r.value("SELECT count(*) FROM change")
    assert after == before
    assert exported(store) == content


@pytest.mark.parametrize("template", tuple(TEMPLATES))
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_template_comes_back_as_it_went(tmp_path: Path, template: str, language: str) -> None:
    with workspace(tmp_path, template, language) as store:
        content = exported(store)
        assert imported(store, content).command_id is None
        assert exported(store) == content


def test_a_configuration_moves_to_an_empty_workspace(store: Store, tmp_path: Path) -> None:
    enrich(store)
    content = exported(store)
    with workspace(tmp_path, "empty", name="other.salesdesk") as other:
        done = imported(other, content)
        assert done.changed["stage"] == 31
        assert tomllib.loads(exported(other)) == tomllib.loads(content)
        assert imported(other, content).command_id is None


def test_an_import_is_undone_at_once(store: Store, tmp_path: Path) -> None:
    enrich(store)
    with workspace(tmp_path, "empty", name="other.salesdesk") as other:
        before = exported(other)
        command = imported(other, exported(store)).command_id
        assert command is not None
        history.undo(other, command, person=None, now=NOW + 1)
        assert exported(other) == before


def test_a_file_changes_what_it_names_and_leaves_the_rest(store: Store) -> None:
    hire(store, "Anna Orlova", "team_lead", email="anna@example.com")
    points = [{"points": "3"}, {"from": "2026-12-01", "points": "5"}]
    task = [{"title": "Send proposal"}]
    held = {"name": "Meeting held", "limit_days": 12, "points": points, "task": task}
    imported(
        store,
        {
            "person": [{"name": "anna orlova", "phone": "+7 912 555-01-01"}],
            "pipeline": [{"name": "Turnkey services", "stage": [held]}, {"name": "Training"}],
            "sources": ["Radio"],
        },
    )
    with store.read() as r:
        [anna] = people.people(r)
        assert (anna.email, anna.phone) == ("anna@example.com", "+7 912 555-01-01")
        found = pipelines.find_stage(r, "Turnkey services", "Meeting held")
        assert (found.limit_days, found.milestone, found.points) == (12, "meeting_held", Decimal(5))
        assert [rule.title for rule in task_rules.task_rules(r, found.id)] == ["Send proposal"]
        assert [one.name for one in pipelines.pipelines(r)][-1] == "Training"
        assert len(link_rules.link_rules(r)) == 6
        assert lists.items(r, "sources")[-1].name == "Radio"


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "“colour” is not known here"),
    ({"format": 2}, "newer version"),
    ({"settings": {"level_full": "much"}}, "Green from"),
    ({"person": [{"name": "Ann", "team": "Nobody's"}]}, "person “Ann”: There is no team"),
    ({"person": [{"role": "manager"}]}, "“name” is missing"),
    ({"person": [{"name": "Ann", "shoes": 38}]}, "“shoes” is not known here"),
    ({"person": [{"name": "Ann", "first_day": "soon"}]}, "“first_day” cannot be “soon”"),
    ({"person": "Ann"}, "“person” cannot be"),
    ({"pipeline": [{"name": "P", "stage": [{"name": "S", "probability": 300}]}]}, "stage “S”"),
    ({"pipeline": [{"name": "P", "stage": [{"name": "S", "points": 0.1}]}]}, "“points” cannot be"),
    ({"pipeline": [{"name": "P", "stage": [{"name": "S", "task": [{"kind": "X"}]}]}]}, "missing|X"),
    ({"link": [{"kind": "open_child", "pipeline": "Nowhere", "stage": "S"}]}, "no pipeline"),
    ({"plan": [{"metric": "won", "months": {"2026-11": "1"}}]}, "of a person or of a team"),
    ({"plan": [{"metric": "luck", "person": "Ann", "months": {}}]}, "Ann|luck"),
    ({"norm": [{"metric": "lost", "value": "-1"}]}, "not below 0"),
    ({"norm": [{"metric": "lost", "value": "1", "month": "2026-13"}]}, "2026-13"),
    ({"rate": [{"currency": "USD", "rate": "0"}]}, "above 0"),
    ({"calendar": [{"year": 2026, "country": "", "off": [{"day": "2025-01-01"}]}]}, "another year"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "sentence"), MISTAKES)
def test_each_mistake_is_one_sentence_and_changes_nothing(
    store: Store, document: dict[str, Any], sentence: str
) -> None:
    before = exported(store)
    with pytest.raises(ConfigurationRefused) as caught:
        imported(store, {"sources": ["Radio"], **document})
    assert "\n" not in caught.value.text()
    assert any(word in mistake for mistake in caught.value.mistakes for word in sentence.split("|"))
    assert exported(store) == before


def test_all_mistakes_are_found(store: Store) -> None:
    document = {
        "person": [{"name": "A", "role": "king"}, {"name": "B", "role": "queen"}],
        "rate": [{"currency": "dollars", "rate": "1"}],
    }
    with pytest.raises(ConfigurationRefused) as caught:
        imported(store, document)
    assert len(caught.value.mistakes) == 3
    assert "3" in caught.value.text()


def test_a_file_that_is_no_toml(store: Store) -> None:
    with pytest.raises(Invalid, match="line 1"):
        imported(store, "name = sales\n")


def test_whoever_may_not_configure_imports_nothing(store: Store) -> None:
    hire(store, "Admin", "admin")
    manager = hire(store, "Manager")
    with pytest.raises(Refused):
        configuration.import_configuration(store, "sources = []", person=manager, now=NOW)


# --- templates ---------------------------------------------------------------------------------


def test_the_sales_template(tmp_path: Path) -> None:
    with workspace(tmp_path, "sales") as store, store.read() as r:
        [sales] = pipelines.pipelines(r)
        inside = pipelines.stages(r, sales.id)
        reasons = {item.name: item.values["not_refusal"] for item in lists.items(r, "lost_reasons")}
        kinds = {item.values["icon"] for item in lists.items(r, "task_kinds")}
        rules = {rule.stage_id for rule in task_rules.task_rules(r)}
    assert sales.counts
    assert [str(one.points) for one in inside] == ["0.1", "1", "3", "7", "15", "35", "0"]
    assert [one.kind for one in inside] == ["open"] * 5 + ["won", "lost"]
    assert [one.milestone for one in inside] == list(stage_points.DEFAULT_POINTS)
    assert {name for name, excused in reasons.items() if excused} == {"Duplicate", "Spam"}
    assert kinds <= set(lists.TASK_ICONS)
    assert {one.id for one in inside if one.kind == "open"} <= rules


def test_the_languages_differ_in_names_alone(tmp_path: Path) -> None:
    shapes = []
    for language in ("en", "ru"):
        document = templates.template_document("turnkey", language)
        shapes.append(_shape(document))
    assert shapes[0] == shapes[1]


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(entry) for name, entry in value.items()}
    return [_shape(entry) for entry in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    ("template", "values", "error"),
    [
        ("huge", {}, NotFound),
        ("sales", {"zone": "Mars/Base"}, Invalid),
        ("sales", {"currency": "rubles"}, Invalid),
        ("sales", {"country": "XX"}, Invalid),
        ("sales", {"language": "de"}, Invalid),
    ],
)
def test_a_workspace_that_cannot_be_made_leaves_no_file(
    tmp_path: Path, template: str, values: dict[str, str], error: type[SalesDeskError]
) -> None:
    own = {"zone": "UTC", "currency": "RUB", "country": "RU", "language": "en", **values}
    with pytest.raises(error):
        templates.make_workspace(tmp_path / "new.salesdesk", template, now=NOW, **own)
    assert list(tmp_path.iterdir()) == []
