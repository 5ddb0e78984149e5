"""Configuration files in the large: to the byte there and back, and broken ones refused whole with
the line that is to blame."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesdesk.errors import Invalid, SalesDeskError
from salesdesk.models.store import Store
from salesdesk.services import (
    configuration,
    history,
    link_rules,
    lists,
    people,
    pipelines,
    stage_ends,
    task_rules,
)
from salesdesk.services.configuration import ConfigurationRefused
from salesdesk.services.configuration_lines import located
from salesdesk.services.rulebook import TaskRule
from tests.services.configured import NOW, hire, stage, workspace

BY: dict[str, Any] = {"person": None, "now": NOW}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with workspace(tmp_path, "turnkey") as opened:
        yield opened


def exported(store: Store) -> str:
    with store.read() as r:
        return configuration.export_configuration(r)


def imported(store: Store, content: str) -> configuration.Imported:
    return configuration.import_configuration(store, content, **BY)


def rich(store: Store) -> str:
    """What issue C brought, in an order in which no other workspace would make it."""
    for name in ("Zoya", "Boris", "Anna"):
        hire(store, name)
    plan = [
        f'[[plan]]\nperson = "{name}"\nmetric = "{metric}"\nmonths = {{ "2026-{month}" = "3" }}\n'
        for name in ("Zoya", "Anna", "Boris")
        for metric, month in (("won", 12), ("revenue", 11))
    ]
    norm = [f'[[norm]]\nperson = "{name}"\nmetric = "lost"\nvalue = "{n}"\n'
            for n, name in enumerate(("Zoya", "Anna", "Boris"))]  # fmt: skip
    imported(store, "\n".join(plan + norm))
    held = stage(store, "Meeting held")
    rule = TaskRule(
        0, held, "Check “everything”", description="Call {client}\nabout {Route}",
        checklist=("first = 1", "second # no comment", "третья"),
    )  # fmt: skip
    task_rules.add_task_rule(store, rule, **BY)
    lists.add(store, "fields", "Site", {"kind": "text", "on_card": True}, **BY)
    lists.add(store, "services", "Cleaning", **BY)
    gone = pipelines.add_stage(store, pipelines_of(store)["Service"], "Old stage", **BY).id
    stage_ends.archive_stage(store, gone, **BY)
    pipelines.add_stage(store, pipelines_of(store)["Service"], "Old stage", **BY)
    return exported(store)


def pipelines_of(store: Store) -> dict[str, int]:
    with store.read() as r:
        return {one.name: one.id for one in pipelines.pipelines(r)}


# -- there and back -------------------------------------------------------------------------------


def test_there_and_back_is_the_same_to_the_byte(store: Store, tmp_path: Path) -> None:
    content = rich(store)
    with workspace(tmp_path, "empty", name="other.salesdesk") as other:
        done = imported(other, content)
        assert done.command_id is not None
        assert exported(other) == content
        assert imported(other, content).command_id is None
        with other.read() as r:
            [link] = [one for one in link_rules.link_rules(r) if one.filled]
            assert not link.keeps_in_step
            kept = [one for one in link_rules.link_rules(r) if one.keeps_in_step]
            assert "Route" in kept[0].copied
            old = [one for one in pipelines.stages(r, archived=True) if one.name == "Old stage"]
            assert sorted(one.archived for one in old) == [False, True]
            [rule] = [one for one in task_rules.task_rules(r) if one.title == "Check “everything”"]
            assert rule.checklist == ("first = 1", "second # no comment", "третья")
            assert rule.description == "Call {client}\nabout {Route}"
        assert done.command_id is not None
        history.undo(other, done.command_id, person=None, now=NOW + 1)
        with other.read() as r:
            assert not pipelines.pipelines(r)
            assert not people.people(r)


def test_importing_what_was_exported_changes_nothing(store: Store) -> None:
    content = rich(store)
    assert imported(store, content) == configuration.Imported(None)
    assert exported(store) == content


def test_a_stage_is_archived_by_a_file_unless_deals_stand_there(store: Store) -> None:
    from salesdesk.services import deals

    words = (
        '[[pipeline]]\nname = "Logistics"\n[[pipeline.stage]]\nname = "In work"\narchived = true\n'
    )
    here = stage(store, "In work", "Logistics")
    [deal] = deals.create(store, deals.NewDeal("Truck", here, None), **BY).deal_ids
    with pytest.raises(
        ConfigurationRefused, match=r"Line 4, pipeline “Logistics”, stage “In work”"
    ):
        imported(store, words)
    deals.move(store, [deal], stage(store, "On the way"), override="away", **BY)
    imported(store, words)
    with store.read() as r:
        assert pipelines.stage_of(r, here).archived


# -- broken ones ----------------------------------------------------------------------------------

BROKEN = {
    "wrong type": ('sources = ["Radio"]\nindustries = "all"', 2, "industries"),
    "unknown section": ('format = 1\n\ncolour = "red"', 3, "colour"),
    "unknown key": ('[[person]]\nname = "Ann"\nshoes = 38', 3, "shoes"),
    "missing name": ('sources = []\n[[person]]\nrole = "admin"', 2, "name"),
    "twice": ('[[person]]\nname = "Ann"\n[[person]]\nname = "ANN"', 4, "twice"),
    "setting": ('[settings]\nlevel_full = "100"\nworking_hours = ["9"]', 3, "working_hours|hours"),
    "no such setting": ("[settings]\nspeed = 3", 2, "speed"),
    "missing stage": (
        ('[[link]]\nkind = "open_child"\npipeline = "Logistics"\nstage = "Nowhere"\n'
        'to_pipeline = "Service"\nto_stage = "New job"'), 4, "Nowhere",
    ),
    "circle of links": (
        ('# back\n[[link]]\nkind = "move_parent"\npipeline = "Logistics"\nstage = "New estimate"\n'
        'to_pipeline = "Turnkey services"\nto_stage = "Estimate"\n[[link]]\nkind = "open_child"\n'
        'pipeline = "Turnkey services"\nstage = "Estimate"\nto_pipeline = "Logistics"\n'
        'to_stage = "New estimate"'), 2, "circle",
    ),
    "negative plan": (
        ('[[person]]\nname = "Ann"\n[[plan]]\nperson = "Ann"\nmetric = "won"\n[plan.months]\n'
        '"2026-11" = "1"\n"2026-12" = "-5"'), 8, "below 0",
    ),
    "colour": (
        '[[pipeline]]\nname = "P"\n[[pipeline.stage]]\nname = "S"\ncolour = "beige"', 5, "beige",
    ),
    "checklist": (
        ('[[pipeline]]\nname = "P"\n[[pipeline.stage]]\nname = "S"\ntask = [\n'
        '  { title = "T", checklist = ["a"] },\n  { title = "U", checklist = "a" },\n]'),
        7, "checklist",
    ),
    "own field of a link": (
        ('[[link]]\nkind = "open_child"\npipeline = "Turnkey services"\nstage = "Won"\n'
        'to_pipeline = "Service"\nto_stage = "New job"\ncopied = [\n  "Route",\n  "Length",\n]'),
        9, "Length",
    ),
    "braces": (
        ('[[pipeline]]\nname = "P"\n[[pipeline.stage]]\nname = "S"\n[[pipeline.stage.task]]\n'
        'title = "T"\ndescription = "Call {nobody}"'), 6, "nobody",
    ),
    "milestone": (
        ('[[pipeline]]\nname = "P"\nstage = [\n { name = "A" },\n'
        ' { name = "B", milestone = "party" },\n]'), 5, "party",
    ),
    "huge number": ('[[rate]]\ncurrency = "USD"\nrate = "1e30"', 3, "rate"),
    "team inside itself": (
        '[[team]]\nname = "A"\ninside = "B"\n[[team]]\nname = "B"\ninside = "A"', 4, "itself",
    ),
    "own field": ('[[fields]]\nname = "F"\nkind = "colour"', 3, "colour"),
    "a month": (
        ('[[person]]\nname = "Ann"\n[[plan]]\nperson = "Ann"\nmetric = "won"\n'
        'months = { "2026-13" = "1" }'), 6, "2026-13",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_whole_with_its_line(store: Store, case: str) -> None:
    content, line, word = BROKEN[case]
    before = exported(store)
    with pytest.raises(ConfigurationRefused) as caught:
        imported(store, content)
    told = caught.value.mistakes
    assert any(one.startswith(f"Line {line}, ") for one in told), told
    assert any(re.search(word, one) for one in told), told
    assert "\n" not in caught.value.text()
    assert exported(store) == before


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('sources = ["a"]\nname = sales\n', 2), ("a = 1\nb = 2\na = 3\n", 3), ('x = "', 1),
        ("[settings\n", 1), ("a = 1\n\n[[x", 3), ("d = 2026-02-31", 1), ("n = " + "9" * 5000, 1),
    ],
)  # fmt: skip
def test_what_is_no_toml_names_the_line(store: Store, content: str, line: int) -> None:
    with pytest.raises(Invalid, match=f"line {line}[,.]"):
        imported(store, content)


def test_a_file_nested_without_end(store: Store) -> None:
    with pytest.raises(Invalid, match="too deeply"):
        imported(store, "a = " + "[" * 100_000)


@settings(
    max_examples=15, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 10**9))
def test_whatever_is_done_to_a_file_it_is_taken_or_refused_in_words(
    store: Store, seed: int
) -> None:
    rng = random.Random(seed)
    before = exported(store)
    lines = before.split("\n")
    for _ in range(rng.randint(1, 3)):
        spoil(lines, rng)
    try:
        done = imported(store, "\n".join(lines))
    except ConfigurationRefused as error:
        for mistake in error.mistakes:
            found = re.match(r"Line (\d+), ", mistake)
            assert found is None or 1 <= int(found[1]) <= len(lines), mistake
        assert exported(store) == before
    except SalesDeskError:
        assert exported(store) == before
    else:
        if done.command_id is not None:
            history.undo(store, done.command_id, person=None, now=NOW + 1)
            assert exported(store) == before


VALUES = ("1", "-1", '""', '"x"', "true", "[]", "{}", "2026-01-01", '["x"]', "1.5", "[{}]",
          "9999999999999999999", '"Service"', '[{ name = "x" }]', '"1e400"', '"NaN"')  # fmt: skip


def spoil(lines: list[str], rng: random.Random) -> None:
    """Delete, repeat or exchange a line, or put another value into one."""
    at = rng.randrange(len(lines))
    how = rng.randrange(4)
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif how == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        keyed = [n for n, line in enumerate(lines) if re.match(r"\s*[\w\"-]+ = [^\[{]", line)]
        at = rng.choice(keyed)
        lines[at] = lines[at].split(" = ")[0] + " = " + rng.choice(VALUES)


def test_the_lines_of_a_document() -> None:
    import tomllib

    content = (
        '# c\na.b = "q"\n\n[one]\n"k = \\"x" = [\n  "a", # ]\n  \'b\',\n]\nlong = """\nx = 1\n"""\n'
        "[[two]]\nname = 'P'\n[[two.three]]\nt = [\n { u = 1 },\n { u = 2, v = [\n 3] },\n]\n"
        "[[two]]\n"
    )
    found = located(tomllib.loads(content), content)
    assert found == tomllib.loads(content)
    assert found["a"].lines == {"b": 2}
    assert found["one"].lines == {'k = "x': 5, "long": 9}
    assert found["one"]['k = "x'].lines == [6, 7]
    assert [one.line for one in found["two"]] == [12, 20]
    [third] = found["two"][0]["three"]
    assert [one.line for one in third["t"]] == [16, 17]
