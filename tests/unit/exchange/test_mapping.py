"""The mapping file: what is in it, what it may not say, and that it comes back the same."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.services.exchange.fields import FIELDS, LABELS
from salesdesk.services.exchange.mapping import (
    Mapping,
    MappingError,
    StageRule,
    check_columns,
    dumps,
    load_mapping,
    parse_mapping,
)
from salesdesk.services.exchange.reader import read_table

CONTRACT = """
as = "deals"
pipeline = "Sales"
[columns]                      # field = "column of the file"
external_id = "opportunity_id"
title = ["product", "account"] # joined
owner = "sales_agent"
stage = "deal_stage"
"Own field" = "extra"
[constants]
source = "Website"
probability = 30
cost = 1.10
[stages]
Engaging = { stage = "Engaging", milestone = "meeting_scheduled", points = "1", probability = 30, limit_days = 14 }
"В работе" = { stage = " In  work " }
Quick = "Short form"
Won = { stage = "Won", kind = "won", points = 0.1 }
Lost = { stage = "Lost", kind = "lost", points = 3 }
[formats]
date = "%Y-%m-%d"
decimal = ","
"""  # noqa: E501 - a line of the contract


def mistake(text: str) -> str:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text)
    sentence = caught.value.text()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_the_contract() -> None:
    mapping = parse_mapping(CONTRACT)
    assert mapping.kind == "deals"
    assert mapping.pipeline == "Sales"
    assert mapping.columns["title"] == ("product", "account")
    assert mapping.columns["owner"] == ("sales_agent",)
    assert mapping.constants == {"source": "Website", "probability": "30", "cost": "1.1"}
    assert mapping.own_fields == ("Own field",)
    assert mapping.stages == (
        StageRule("Engaging", "Engaging", None, "meeting_scheduled", Decimal(1), 30, 14),
        StageRule("В работе", "In work"),
        StageRule("Quick", "Short form"),
        StageRule("Won", "Won", "won", points=Decimal("0.1")),
        StageRule("Lost", "Lost", "lost", points=Decimal(3)),
    )
    assert mapping.date_formats == ("%Y-%m-%d",)
    assert mapping.decimal == ","
    assert parse_mapping(dumps(mapping)) == mapping


def test_numbers_are_taken_exactly() -> None:
    mapping = parse_mapping(DEALS + '[stages]\nA = { points = 0.1 }\nB = { points = "0.1" }\n')
    assert sum((rule.points or 0 for rule in mapping.stages), Decimal(0)) == Decimal("0.2")


@pytest.mark.parametrize("given", ["-1", "-0.5", '"-1"', '"-999999.999999"'])
def test_a_stage_may_cost_points(given: str) -> None:
    mapping = parse_mapping(DEALS + f"[stages]\nA = {{ points = {given} }}\n")
    assert mapping.stages[0].points == Decimal(given.strip('"'))
    assert parse_mapping(dumps(mapping)) == mapping


DEALS = 'as = "deals"\n[columns]\ntitle = "t"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("as = ", "TOML"),
        ("[columns]\ntitle = 't'\n", "as ="),
        ("as = 'leads'\n", "leads"),
        ("as = 7\n", "7"),
        ("as = ['deals']\n", "deals"),
        (DEALS + "[stage]\nx = 1\n", "stage"),
        ("as = 'deals'\ncolumns = 'x'\n", "columns"),
        ("as = 'deals'\npipeline = ''\n[columns]\ntitle='t'\n", "pipeline"),
        (DEALS + "ammount = 'x'\n", "ammount"),
        ("as = 'moves'\n[columns]\ndeal='a'\nstage='b'\nat='c'\namount='d'\n", "amount"),
        ("as = 'moves'\n[columns]\ndeal='a'\nstage='b'\n", "at"),
        ("as = 'people'\n[columns]\nteam='a'\n", "name"),
        ("as = 'deals'\n[columns]\nowner='a'\n", "external_id"),
        (DEALS + "owner = []\n", "owner"),
        (DEALS + "owner = 7\n", "owner"),
        (DEALS + "owner = ['a', 7]\n", "owner"),
        (DEALS + "owner = ' '\n", "owner"),
        (DEALS + "[constants]\ntitle = 'x'\n", "title"),
        (DEALS + "[constants]\nsource = ['x']\n", "source"),
        (DEALS + "[stages]\nA = 7\n", "A"),
        (DEALS + "[stages]\nA = { stag = 'x' }\n", "stag"),
        (DEALS + "[stages]\nA = { stage = '' }\n", "A"),
        (DEALS + "[stages]\nA = { kind = 'closed' }\n", "closed"),
        (DEALS + "[stages]\nA = { milestone = 'met' }\n", "met"),
        (DEALS + "[stages]\nA = { milestone = ['won'] }\n", "won"),
        (DEALS + "[stages]\nA = { points = 'many' }\n", "many"),
        (DEALS + "[stages]\nA = { points = -1000000 }\n", "-1000000"),
        (DEALS + "[stages]\nA = { points = nan }\n", "NaN"),
        (DEALS + "[stages]\nA = { points = 1e30 }\n", "E+30"),
        (DEALS + "[stages]\nA = { points = true }\n", "True"),
        (DEALS + "[stages]\nA = { points = '1,5' }\n", "1,5"),
        (DEALS + "[stages]\nA = { probability = 101 }\n", "101"),
        (DEALS + "[stages]\nA = { probability = 0.5 }\n", "0.5"),
        (DEALS + "[stages]\nA = { limit_days = -1 }\n", "-1"),
        (DEALS + "[formats]\ndates = '%Y'\n", "dates"),
        (DEALS + "[formats]\ndate = 'DD.MM'\n", "DD.MM"),
        (DEALS + "[formats]\ndate = 7\n", "7"),
        (DEALS + "[formats]\ndecimal = ';'\n", ";"),
    ],
)
def test_each_mistake_has_a_sentence(text: str, words: str) -> None:
    assert words in mistake(text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes('as = "deals" # сделки'.encode("cp1251"))
    for path in (tmp_path / "none.toml", tmp_path, latin, tmp_path / "a\0b"):
        with pytest.raises(MappingError):
            load_mapping(path)
    good = tmp_path / "good.toml"
    good.write_bytes(b"\xef\xbb\xbf" + CONTRACT.encode())
    assert load_mapping(good) == parse_mapping(CONTRACT)


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,Бюджет ,Note,NOTE,Note,,Note (2)\n", encoding="utf-8")
    table = read_table(path)
    names = {
        "a": "id",
        "b": "Бюджет ",
        "c": "бюджет",
        "d": "Note",
        "e": "Note (2)",
        "f": "Column 6",
    }
    columns = {name: (column,) for name, column in names.items()} | {"g": ("Note (3)", "NOTE")}
    found = check_columns(Mapping("deals", columns={"title": ("id",), **columns}), table)
    assert found == {
        "title": (0,),
        "a": (0,),
        "b": (1,),
        "c": (1,),
        "d": (2,),
        "e": (6,),
        "f": (5,),
        "g": (4, 3),
    }
    with pytest.raises(MappingError) as caught:
        check_columns(Mapping("deals", columns={"title": ("Titel",)}), table)
    assert "Titel" in caught.value.text()
    assert "Бюджет" in caught.value.text()


def test_every_field_has_a_label() -> None:
    assert {name for names in FIELDS.values() for name in names} <= set(LABELS)


TEXT = st.text(min_size=1, max_size=12).filter(lambda text: text.split() != [])


@given(
    st.builds(
        Mapping,
        st.just("deals"),
        st.none() | st.just("Sales"),
        st.dictionaries(
            st.sampled_from(FIELDS["deals"]), st.lists(TEXT, min_size=1).map(tuple)
        ).map(lambda columns: {"title": ("t",), **columns}),
        st.just({}),
        st.lists(
            st.builds(
                StageRule,
                TEXT,
                st.just("Stage"),
                st.sampled_from([None, "won", "lost", "open"]),
                st.none() | st.just("won"),
                st.none() | st.decimals(0, 1000, places=3),
                st.none() | st.integers(0, 100),
                st.none() | st.integers(0, 999),
            ),
            unique_by=lambda rule: rule.value,
            max_size=4,
        ).map(tuple),
        st.sampled_from([(), ("%d.%m.%Y",), ("%d.%m.%Y", "%Y-%m-%d %H:%M")]),
        st.sampled_from([None, ".", ","]),
    )
)
def test_a_mapping_comes_back_the_same(mapping: Mapping) -> None:
    assert parse_mapping(dumps(mapping)) == mapping
