"""The templates: each is made in both languages, comes back as it went, has rules without faults,
and a deal can walk through all of its stages."""

from pathlib import Path
from typing import Any

import pytest

from salesdesk.models.store import Store
from salesdesk.services import (
    braces,
    configuration,
    deals,
    history,
    link_rules,
    lists,
    own_fields,
    people,
    pipelines,
    rule_problems,
    task_rules,
    templates,
)
from salesdesk.services.template_names import TEMPLATES
from tests.services.configured import NOW, hire, workspace

FILLED = tuple(name for name in TEMPLATES if name != "empty")
EACH = pytest.mark.parametrize(
    ("template", "language"), [(name, code) for name in FILLED for code in ("en", "ru")]
)
BY: dict[str, Any] = {"person": None, "now": NOW + 1}


@EACH
def test_what_a_template_holds(tmp_path: Path, template: str, language: str) -> None:
    with workspace(tmp_path, template, language) as store, store.read() as r:
        stages = pipelines.stages(r)
        rules = task_rules.task_rules(r)
        sales = [one for one in pipelines.pipelines(r) if one.counts]
        assert sales
        assert sum(stage.points for stage in stages) > 0
        for pipeline in pipelines.pipelines(r):
            kinds = [stage.kind for stage in pipelines.stages(r, pipeline.id)]
            assert kinds[-2:] == ["won", "lost"], pipeline.name
            assert set(kinds[:-2]) == {"open"}
        asked = {rule.stage_id for rule in rules}
        assert {stage.id for stage in stages if stage.kind == "open"} <= asked
        assert any(rule.checklist for rule in rules)
        assert any(rule.description for rule in rules)
        for which in ("sources", "lost_reasons", "task_kinds"):
            assert lists.items(r, which)
        assert r.value("SELECT count(*) FROM norm") >= 3


def test_together_they_show_every_sort_of_rule(tmp_path: Path) -> None:
    found: set[str] = set()
    for template in FILLED:
        store = workspace(tmp_path, template, name=f"{template}.salesdesk")
        with store, store.read() as r:
            rules = task_rules.task_rules(r)
            found |= {rule.due_rule for rule in rules}
            found |= {rule.unit for rule in rules} | {rule.assignee_rule for rule in rules}
            found |= {rule.event for rule in rules if rule.event}
            found |= {link.kind for link in link_rules.link_rules(r)}
            found |= {"paid" for stage in pipelines.stages(r) if stage.paid_percent}
    assert found >= {
        "after_move", "before_date", "on_event", "minutes", "hours", "days", "working_days",
        "responsible", "supervisor", "least_loaded", "task_done", "child_enters", "field_filled",
        "open_child", "move_parent", "paid",
    }  # fmt: skip


@EACH
def test_rules_are_valid_and_links_close_no_circle(
    tmp_path: Path, template: str, language: str
) -> None:
    with workspace(tmp_path, template, language) as store:
        with store.read() as r:
            teams = people.teams(r)
        for team in teams:  # one without people is told, too
            hire(store, f"{team.name} 1", team_id=team.id)
        check_rules(store)


def check_rules(store: Store) -> None:
    with store.read() as r:
        own = own_fields.known(r)
        for rule in task_rules.task_rules(r):
            task_rules.check(r, rule)
            assert not braces.unknown(rule.description, own), rule.description
        for link in link_rules.link_rules(r):
            link_rules.check(r, link)
        assert not rule_problems.problems(r, now=NOW)


@pytest.mark.parametrize(
    ("template", "language"), [*((n, "en") for n in FILLED), ("turnkey", "ru")]
)
def test_a_deal_walks_through_all_stages(tmp_path: Path, template: str, language: str) -> None:
    with workspace(tmp_path, template, language) as store:
        for pipeline in pipelines_of(store):
            walk(store, pipeline)


def pipelines_of(store: Store) -> list[int]:
    with store.read() as r:
        return [pipeline.id for pipeline in pipelines.pipelines(r)]


def walk(store: Store, pipeline: int) -> None:
    """Through every stage, and back again by undo."""
    with store.read() as r:
        way = [stage.id for stage in pipelines.stages(r, pipeline)]
    [deal] = deals.create(store, deals.NewDeal("Walker", way[0], None), **BY).deal_ids
    commands = []
    for stage in way[1:]:
        done = deals.move(store, [deal], stage, override="to see the whole way", **BY)
        commands.append(done.command_id)
        with store.read() as r:
            assert r.value("SELECT stage_id FROM deal WHERE id = ?", (deal,)) == stage
    for command in reversed(commands):
        assert command is not None
        history.undo(store, command, person=None, now=NOW + 2)
    with store.read() as r:
        assert r.value("SELECT stage_id FROM deal WHERE id = ?", (deal,)) == way[0]
        children = "SELECT count(*) FROM deal WHERE parent_id = ? AND deleted_at IS NULL"
        assert r.value(children, (deal,)) == 0


@pytest.mark.parametrize("template", FILLED)
def test_the_languages_differ_in_words_alone(template: str) -> None:
    english, russian = (templates.template_document(template, code) for code in ("en", "ru"))
    assert shape(english) == shape(russian)
    for words in texts(english):
        assert not any("а" <= letter.lower() <= "я" for letter in words), words
        assert not words.startswith("@"), words


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(entry) for name, entry in value.items()}
    return [shape(entry) for entry in value] if isinstance(value, list) else type(value)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for entry in value.values() for text in texts(entry)]
    if isinstance(value, list):
        return [text for entry in value for text in texts(entry)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("template", FILLED)
def test_every_word_of_a_template_is_used(template: str) -> None:
    content = templates.content(template)
    said = set(texts(content["document"]))
    assert {f"@{word}" for word in content["words"]} <= said


def test_a_template_is_undone_like_any_configuration(tmp_path: Path) -> None:
    with workspace(tmp_path, "rental") as store, store.read() as r:
        taken = configuration.export_configuration(r)
    with workspace(tmp_path, "empty", name="other.salesdesk") as other:
        with other.read() as r:
            before = configuration.export_configuration(r)
        command = configuration.import_configuration(other, taken, **BY).command_id
        assert command is not None
        history.undo(other, command, person=None, now=NOW + 2)
        with other.read() as r:
            assert configuration.export_configuration(r) == before
