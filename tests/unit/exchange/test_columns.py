"""A table read through a mapping: typed values, and the first bad cell of each refused row."""

from decimal import Decimal
from pathlib import Path

import pytest

from salesdesk.services.exchange.columns import Columns, read_columns
from salesdesk.services.exchange.mapping import Mapping, MappingError, parse_mapping
from salesdesk.services.exchange.reader import read_table

HEAD = 'as = "deals"\n[columns]\nexternal_id = "id"\n'


def read(tmp_path: Path, content: str | bytes, mapping: str | Mapping) -> Columns:
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    chosen = parse_mapping(mapping) if isinstance(mapping, str) else mapping
    return read_columns(read_table(path), chosen)


def rejects(columns: Columns) -> list[tuple[int, str, str, str]]:
    return [(one.row, one.column, one.value, one.problem) for one in columns.rejects]


def test_values_by_field(tmp_path: Path) -> None:
    columns = read(
        tmp_path,
        "id;продукт;клиент;Сумма, €;дата;вер;теги;валюта\n"
        "1;Окна; ООО\u00a0 «Ромашка» ;1 200,50;01.02.2017;30%;a, b; \n"
        "2;Двери;;100 ₽;;;B,b;usd\n"
        "3;;Лилия;;не закрыта;100;;usd\n",
        HEAD + 'title = ["продукт", "клиент"]\ncompany = "клиент"\namount = "Сумма, €"\n'
        'closed_at = "дата"\nprobability = "вер"\ntags = "теги"\ncurrency = "валюта"\n'
        '[constants]\nsource = " Web  site "\n',
    )
    assert columns.rejects == ()
    assert columns.good == [0, 1, 2]
    assert columns.texts("title") == ["Окна · ООО «Ромашка»", "Двери", "Лилия"]
    assert columns.texts("company") == ["ООО «Ромашка»", None, "Лилия"]
    assert columns.amounts("amount") == [Decimal("1200.50"), Decimal(100), None]
    assert columns.currencies() == ["EUR", "RUB", "USD"]
    assert [when and when.at.isoformat() for when in columns.dates("closed_at")] == [
        "2017-02-01T00:00:00",
        None,
        None,
    ]
    assert columns.wholes("probability") == [30, None, 100]
    assert columns.tags() == [("a", "b"), ("B",), ()]
    assert columns.texts("source") == ["Web site"] * 3
    assert columns.texts("owner") == [None] * 3
    assert columns.fields["company"].empty == 1


def test_one_entry_a_row_for_its_first_bad_cell(tmp_path: Path) -> None:
    columns = read(
        tmp_path,
        "amount,id,close,note\n1,a,31.02.2017,x\nbad,b,31.02.2017,x\n\n5,c,1.2.2017,x\n"
        "6,,1.2.2017,x\n7,e,1.2.2017,x,y\n",
        HEAD + 'amount = "amount"\nclosed_at = "close"\n',
    )
    assert rejects(columns) == [
        (2, "close", "31.02.2017", "not a date"),
        (3, "amount", "bad", "not a number"),
        (6, "id", "", "empty"),
        (7, "", "y", "more cells than the heading"),
    ]
    assert columns.good == [2]
    assert columns.table.read == 5
    late = columns.reject_of(2, "closed_at", "closed before it was created")
    assert (late.row, late.column, late.value) == (5, "close", "1.2.2017")


def test_bad_cells_of_columns_that_feed_nothing_do_not_matter(tmp_path: Path) -> None:
    data = "id;имя;note\n1;Анна;ok\n2;Борис;ok\n3;Вера;ok\n".encode()
    data = data.replace("Борис".encode()[:2], b"\xd0\x41").replace(b"3;", b"3;", 1)
    assert rejects(read(tmp_path, data, HEAD + 'title = "имя"\n')) == [
        (3, "имя", "\ufffdAорис", "has damaged characters")
    ]
    assert rejects(read(tmp_path, data, HEAD + 'title = "note"\n')) == []


def test_moves_need_deal_stage_and_moment(tmp_path: Path) -> None:
    columns = read(
        tmp_path,
        "case,act,at\n1,A,2012-04-03 16:55:38\n,A,2012-04-03\n1,,2012-04-03\n1,A,\n1,A,soon\n",
        'as = "moves"\n[columns]\ndeal = "case"\nstage = "act"\nat = "at"\n',
    )
    assert rejects(columns) == [
        (3, "case", "", "empty"),
        (4, "act", "", "empty"),
        (5, "at", "", "empty"),
        (6, "at", "soon", "not a date"),
    ]
    assert [when.has_time for when in columns.dates("at") if when] == [True, False, False]


def test_states_roles_and_currencies_are_from_lists(tmp_path: Path) -> None:
    tasks = 'as = "tasks"\n[columns]\ntitle = "t"\nstate = "s"\n'
    columns = read(tmp_path, "t,s\na,Done\nb,отменена\nc,В работе\nd,\ne,soon\n", tasks)
    assert columns.texts("state") == ["done", "cancelled", "open", None, None]
    assert rejects(columns) == [(6, "s", "soon", "not a state of a task")]
    people = 'as = "people"\n[columns]\nname = "n"\nrole = "r"\n'
    columns = read(tmp_path, "n,r\na,РОП\nb,Manager\nc,king\n", people)
    assert columns.texts("role") == ["team_lead", "manager", None]
    assert rejects(columns)[0][1:3] == ("r", "king")
    columns = read(tmp_path, "id,c\n1,руб.\n2,XYZ\n", HEAD + 'currency = "c"\n')
    assert columns.currencies() == ["RUB", None]
    assert rejects(columns) == [(3, "c", "XYZ", "not a currency")]


def test_formats_of_the_mapping_and_joined_dates(tmp_path: Path) -> None:
    mapping = (
        HEAD + 'created_at = ["day", "time"]\n[formats]\ndate = ["%m/%d/%Y %H:%M", "%m/%d/%Y"]\n'
    )
    columns = read(tmp_path, "id,day,time\n1,03/04/2017,10:20\n2,03/04/2017,\n", mapping)
    assert [str(when.at) for when in columns.dates("created_at") if when] == [
        "2017-03-04 10:20:00",
        "2017-03-04 00:00:00",
    ]


def test_guarded_cells_come_back(tmp_path: Path) -> None:
    columns = read(
        tmp_path, "id,title\n1,'=1+1\n2,'quoted'\n3,+7 912 345-67-89\n", HEAD + 'title="title"'
    )
    assert columns.texts("title") == ["=1+1", "'quoted'", "+7 912 345-67-89"]


def test_names_are_tidied_however_a_column_looks(tmp_path: Path) -> None:
    content = "id,owner\n1,Анна  Ли\n2, Анна Ли\n3,Анна\u00a0Ли\n4,Анна Ли\n5,Анна Ли \n"
    assert set(read(tmp_path, content, HEAD + 'owner = "owner"').texts("owner")) == {"Анна Ли"}
    decomposed = "id,owner\n1,Сергей Ёлкин\n2,Сергеи\u0306 Е\u0308лкин\n"
    assert len(set(read(tmp_path, decomposed, HEAD + 'owner = "owner"').texts("owner"))) == 1


def test_blanks_around_dates_and_amounts_do_not_empty_them(tmp_path: Path) -> None:
    mapping = HEAD + 'amount = "a"\ncreated_at = "d"\n'
    columns = read(tmp_path, "id,a,d\n1, 10 ,\u00a001.02.2017 \n2,20,02.02.2017\n3,,\n", mapping)
    assert columns.amounts("amount") == [Decimal(10), Decimal(20), None]
    assert [when.at.day for when in columns.dates("created_at") if when] == [1, 2]


def test_constants_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        read(tmp_path, "id\n1\n", HEAD + '[constants]\nclosed_at = "soon"\n')
    assert "not a date" in caught.value.text()
    columns = read(
        tmp_path, "id\n1\n2\n", HEAD + "[constants]\namount = 7.50\ncreated_at = 2017-02-01\n"
    )
    assert columns.amounts("amount") == [Decimal("7.5")] * 2
    assert [when.at.day for when in columns.dates("created_at") if when] == [1, 1]


@pytest.mark.parametrize(
    "word", ["Total", "Grand Total:", "Итого", "ИТОГО:", "Всего", "Общий итог"]
)
def test_a_line_of_totals_is_no_deal(tmp_path: Path, word: str) -> None:
    columns = read(
        tmp_path,
        f"id,title,stage,made\n1,A,New,2024-03-01\n{word},,New,\n{word},,,\nTotal-7,,,\n",
        HEAD + 'title = "title"\nstage = "stage"\ncreated_at = "made"\n',
    )
    assert columns.good == [0, 1, 3]
    assert rejects(columns) == [(4, "id", word, "a line of totals, not a deal")]


def test_a_table_without_rows(tmp_path: Path) -> None:
    columns = read(tmp_path, "id,a\n", HEAD + 'amount = "a"\n[constants]\nsource = "x"\n')
    assert columns.good == []
    assert columns.texts("source") == []
    assert columns.currencies() == []


@pytest.mark.parametrize(
    "word", ["NULL", "null", "-", "—", "None", "n/a", "nan", "NaN", "(пусто)", "Не указан"]
)
@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *(("deals", "owner"), ("deals", "contact"), ("deals", "company"), ("tasks", "assignee")),
        *(("moves", "by"), ("moves", "owner"), ("people", "supervisor")),
    ],
)
def test_a_word_for_nothing_names_nobody(tmp_path: Path, kind: str, field: str, word: str) -> None:
    heads = {"deals": ["title"], "tasks": ["title"], "moves": ["deal", "stage"], "people": ["name"]}
    mapping = f'as = "{kind}"\n[columns]\n{field} = "who"\n'
    mapping += "".join(f'{head} = "x"\n' for head in heads[kind])
    mapping += '[constants]\nat = "2026-01-01"\n' if kind == "moves" else ""
    columns = read(tmp_path, f"x,who\na,{word}\nb,Ann\nc, {word} \nd,{word} Ann\n", mapping)
    texts = columns.texts(field)
    assert texts[:3] == [None, "Ann", None]
    assert texts[3] is not None
    assert columns.fields[field].empty == 2
    assert columns.rejects == ()


def test_people_who_are_called_like_a_word_for_nothing(tmp_path: Path) -> None:
    mapping = HEAD + 'owner = ["first", "last"]\ncontact = "c"\n'
    content = "id,first,last,c\n1,Nan,Goldin,Nan\n2,Ann,Null,Nan Li\n3,NULL,NULL,nan\n4,,-,\n"
    columns = read(tmp_path, content, mapping)
    assert columns.texts("owner") == ["Nan Goldin", "Ann Null", None, None]
    assert columns.texts("contact") == ["Nan", "Nan Li", None, None]


def test_a_list_of_people_has_no_nobody(tmp_path: Path) -> None:
    columns = read(tmp_path, "n\nAnn\nNULL\n", 'as = "people"\n[columns]\nname = "n"\n')
    assert rejects(columns) == [(3, "n", "", "empty")]


def test_a_word_for_nothing_is_no_currency_state_or_role(tmp_path: Path) -> None:
    columns = read(tmp_path, "id,c\n1,RUB\n2,NULL\n3,-\n", HEAD + 'currency = "c"\n')
    assert columns.currencies() == ["RUB", None, None]
    assert columns.rejects == ()
