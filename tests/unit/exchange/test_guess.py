"""Guessed mappings for files as CRMs and event logs write them."""

from pathlib import Path

import pytest

from salesdesk.services.exchange.columns import read_columns
from salesdesk.services.exchange.fields import FIELDS, KINDS, Kind
from salesdesk.services.exchange.guess import Guess, guess_mapping
from salesdesk.services.exchange.headings import fold_heading
from salesdesk.services.exchange.mapping import Mapping, dumps, parse_mapping
from salesdesk.services.exchange.reader import read_table
from salesdesk.services.exchange.stagenames import kind_of_stage, stage_rules


def guess(tmp_path: Path, content: str, kind: Kind | None = None) -> Guess:
    path = tmp_path / "file.csv"
    path.write_text(content, encoding="utf-8")
    table = read_table(path)
    found = guess_mapping(table, kind)
    if not found.missing:
        assert parse_mapping(dumps(found.mapping)) == found.mapping
        assert read_columns(table, found.mapping).rejects == ()
    assert set(found.confidence) >= set(found.mapping.columns)
    assert all(0 < sure <= 1 for sure in found.confidence.values())
    return found


def plain(mapping: Mapping) -> dict[str, object]:
    return {name: one[0] if len(one) == 1 else one for name, one in mapping.columns.items()}


def kinds(mapping: Mapping) -> dict[str, str | None]:
    return {rule.value: rule.kind for rule in mapping.stages}


AMOCRM = (
    "ID,Название сделки,Компания,Основной контакт,Компания контакта,Ответственный,Этап сделки,"
    'Воронка,"Бюджет, ₽",Дата создания,Кем создана,Дата редактирования,Дата закрытия,Теги сделки,'
    "Примечание,Примечание,Рабочий телефон\n"
    "7,Окна,ООО А,Иван П,ООО А,Анна,Успешно реализовано,Основная,120 000,01.02.2024 10:20:30,"
    'Анна,01.02.2024,05.02.2024 10:20:30,"опт, юг",x,y,\'+7 912\n'
    "8,Двери,ООО Б,Пётр,ООО Б,Анна,Закрыто и не реализовано,Основная,,01.02.2024 10:20:30,"
    "Анна,01.02.2024,06.02.2024 10:20:30,,,,\n"
    "9,Полы,,Пётр,,Борис,Первичный контакт,Основная,5,02.02.2024,Анна,01.02.2024,не закрыта,,,,\n"
)


def test_days_as_excel_numbers_them_are_dates_by_their_heading_alone(tmp_path: Path) -> None:
    """Numbers of five digits are keys and amounts as well."""
    found = guess(
        tmp_path,
        "Ref,Deal name,Owner,Stage,Created,Close date,Amount\n"
        "20001,Crane,Ann,Won,45231,45240.5,30000\n20002,Lift,Bob,Won,45232,45241.75,25000\n"
        "20003,Beam,Ann,Lost,45233,45242,41000\n",
    )
    told = plain(found.mapping)
    named = ("external_id", "created_at", "closed_at", "amount")
    assert [told[name] for name in named] == ["Ref", "Created", "Close date", "Amount"]


def test_an_export_of_amocrm(tmp_path: Path) -> None:
    found = guess(tmp_path, AMOCRM)
    assert (found.mapping.kind, found.recognised) == ("deals", "amocrm")
    assert plain(found.mapping) == {
        "external_id": "ID",
        "title": "Название сделки",
        "owner": "Ответственный",
        "company": "Компания",
        "contact": "Основной контакт",
        "stage": "Этап сделки",
        "pipeline": "Воронка",
        "created_at": "Дата создания",
        "closed_at": "Дата закрытия",
        "amount": "Бюджет, ₽",
        "tags": "Теги сделки",
    }
    assert list(kinds(found.mapping).items()) == [
        ("Первичный контакт", None),
        ("Успешно реализовано", "won"),
        ("Закрыто и не реализовано", "lost"),
    ]


def test_a_heading_alone_is_enough(tmp_path: Path) -> None:
    found = guess(tmp_path, AMOCRM.splitlines()[0] + "\n")
    assert (found.mapping.kind, found.recognised) == ("deals", "amocrm")
    assert plain(found.mapping)["closed_at"] == "Дата закрытия"


def test_an_export_of_bitrix24(tmp_path: Path) -> None:
    found = guess(
        tmp_path,
        "ID;Название сделки;Стадия сделки;Воронка;Сумма;Валюта;Вероятность;"
        "Компания: Название компании;Контакт: Имя;Контакт: Фамилия;Контакт: Рабочий телефон;"
        "Сделка закрыта;Дата начала;Предполагаемая дата закрытия;Ответственный;Дата создания;"
        "Дата изменения;Источник;Дополнительно об источнике;Группа стадий\n"
        "1;Окна;Монтаж окончен;Общая;100.00;RUB;50;ООО А;Иван;Ли;+7;Y;01.02.2024;05.02.2024;Анна;"
        "01.02.2024 10:00:00;01.02.2024 10:00:00;Звонок;x;Успех\n"
        "2;Двери;Думают;Общая;100.00;RUB;50;ООО А;Иван;Ли;+7;N;01.02.2024;05.03.2024;Анна;"
        "01.02.2024 10:00:00;01.02.2024 10:00:00;Звонок;x;В работе\n",
    )
    assert (found.mapping.kind, found.recognised) == ("deals", "bitrix24")
    assert plain(found.mapping) == {
        "external_id": "ID",
        "title": "Название сделки",
        "owner": "Ответственный",
        "company": "Компания: Название компании",
        "stage": "Стадия сделки",
        "contact": ("Контакт: Имя", "Контакт: Фамилия"),
        "pipeline": "Воронка",
        "created_at": "Дата создания",
        "expected_close": "Предполагаемая дата закрытия",
        "amount": "Сумма",
        "currency": "Валюта",
        "source": "Источник",
        "probability": "Вероятность",
    }
    assert kinds(found.mapping) == {"Думают": None, "Монтаж окончен": "won"}


def test_a_yes_or_no_column_is_no_date_even_without_rows(tmp_path: Path) -> None:
    found = guess(tmp_path, "ID;Название сделки;Стадия сделки;Сделка закрыта;Группа стадий;Сумма\n")
    assert found.recognised == "bitrix24"
    assert "closed_at" not in found.mapping.columns


def test_bitrix24_by_the_names_of_its_interface(tmp_path: Path) -> None:
    found = guess(
        tmp_path,
        "ID;TITLE;STAGE_ID;CATEGORY_ID;OPPORTUNITY;CURRENCY_ID;ASSIGNED_BY_ID;COMPANY_ID;"
        "DATE_CREATE;BEGINDATE;CLOSEDATE;CLOSED;SOURCE_ID\n"
        "1;Окна;C2:NEW;2;1000.00;RUB;7;12;2024-01-10T10:20:30+03:00;2024-01-10T03:00:00+03:00;"
        "2024-02-10T03:00:00+03:00;N;WEB\n"
        "2;Двери;C2:WON;2;500;RUB;7;12;2024-01-10T10:20:30+03:00;2024-01-10T03:00:00+03:00;"
        "2024-02-10T03:00:00+03:00;Y;WEB\n"
        "3;Полы;C2:LOSE;2;;RUB;8;12;2024-01-10T10:20:30+03:00;;;Y;WEB\n",
    )
    assert found.recognised == "bitrix24"
    columns = plain(found.mapping)
    assert columns["amount"] == "OPPORTUNITY"
    assert columns["title"] == "TITLE"
    assert columns["created_at"] == "DATE_CREATE"
    assert columns["owner"] == "ASSIGNED_BY_ID"
    assert kinds(found.mapping) == {"C2:NEW": None, "C2:WON": "won", "C2:LOSE": "lost"}


def test_opportunities_without_a_title(tmp_path: Path) -> None:
    found = guess(
        tmp_path,
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
        "A1,Ann Lee,Basic,Acme,Won,10/20/2016,3/1/2017,1054\n"
        "A2,Ann Lee,Basic,,Engaging,10/25/2016,,\n"
        "A3,Bob Ray,Pro,Umbrella,Prospecting,,,\n"
        "A4,Bob Ray,Pro,Umbrella,Lost,11/1/2016,3/9/2017,0\n",
    )
    assert plain(found.mapping) == {
        "external_id": "opportunity_id",
        "title": ("product", "account"),
        "owner": "sales_agent",
        "company": "account",
        "stage": "deal_stage",
        "created_at": "engage_date",
        "closed_at": "close_date",
        "amount": "close_value",
    }
    assert list(kinds(found.mapping)) == ["Prospecting", "Engaging", "Won", "Lost"]


def test_open_deals_with_a_date_of_closing_expect_it(tmp_path: Path) -> None:
    found = guess(
        tmp_path,
        "Opportunity ID,Opportunity Name,Stage,Probability (%),Owner,Owner Role,Account Name,"
        "Created Date,Close Date,Amount,Expected Revenue,Lead Source,Fiscal Period,Age\n"
        '1,Acme,Prospecting,10,Ann,Rep,Acme,1/15/2024,6/30/2024,"$10,000.00",$1,Web,Q2-2024,34\n'
        '2,Bolt,Closed Won,100,Ann,Rep,Bolt,1/16/2024,2/28/2024,"$5,000.00",$5,Web,Q1-2024,34\n',
    )
    columns = plain(found.mapping)
    assert columns["closed_at"] == columns["expected_close"] == "Close Date"
    assert columns["amount"] == "Amount"
    assert columns["owner"] == "Owner"
    assert columns["title"] == "Opportunity Name"
    assert columns["probability"] == "Probability (%)"


@pytest.mark.parametrize("heading", ["Цена, руб.", "Цена (USD)", "Price, EUR", "Бюджет, ₽", "Cost"])
def test_a_currency_in_the_heading_hides_no_amount(tmp_path: Path, heading: str) -> None:
    found = guess(
        tmp_path,
        f"Copper ID;Opportunity Name;Stage;Owned By;Created At;{heading}\n"
        "1;A;New;Ann;2024-01-01;1 000,00\n2;B;Won;Bob;2024-01-02;2 000,50\n",
        "deals",
    )
    columns = plain(found.mapping)
    assert columns["cost" if heading == "Cost" else "amount"] == heading
    assert columns["owner"] == "Owned By"


def test_a_status_beside_the_stage_ends_a_deal(tmp_path: Path) -> None:
    found = guess(
        tmp_path,
        "Deal - ID,Deal - Title,Deal - Owner,Deal - Organization,Deal - Value,Deal - Stage,"
        "Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time\n"
        "1,T1,Ann,Org,100,Qualified,open,2024-01-01 10:00:00,,\n"
        "2,T2,Ann,Org,200,Demo,won,2024-01-01 10:00:00,2024-02-02 10:00:00,\n"
        "3,T3,Ann,Org,200,Demo,lost,2024-01-01 10:00:00,,2024-02-03 10:00:00\n",
    )
    columns = plain(found.mapping)
    assert columns["stage"] == ("Deal - Status", "Deal - Stage")
    assert columns["closed_at"] == ("Deal - Won time", "Deal - Lost time")
    rules = [(rule.value, rule.stage, rule.kind) for rule in found.mapping.stages]
    assert rules == [
        ("open Qualified", "Qualified", None),
        ("won Demo", "Won", "won"),
        ("lost Demo", "Lost", "lost"),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            (
                "CaseID,ActivityID,CompleteTimestamp\n2,1,2012-04-03 16:55:38\n"
                "2,8,2012-04-03 16:55:53\n"
                "3,1,2010-10-29 18:14:06\n3,8,2010-11-04 01:16:11\n"
            ),
            {"deal": "CaseID", "stage": "ActivityID", "at": "CompleteTimestamp"},
        ),
        (
            (
                "case:concept:name,case:REG_DATE,concept:name,lifecycle:transition,time:timestamp,"
                "org:resource\n"
                "1,2011-10-01 00:38:44.546+02:00,A,COMPLETE,2011-10-01 00:38:44.546+02:00,112\n"
                "1,2011-10-01 00:38:44.546+02:00,B,COMPLETE,2011-10-01 00:39:44.546+02:00,113\n"
                "2,2011-10-01 00:38:44.546+02:00,A,COMPLETE,2011-10-01 00:40:44.546+02:00,112\n"
            ),
            {
                "deal": "case:concept:name",
                "stage": "concept:name",
                "at": "time:timestamp",
                "by": "org:resource",
            },
        ),
        (
            (
                "Сделка;Из этапа;В этап;Дата;Кто изменил\n1;;Новая;01.02.2024 10:00;Анна\n"
                "1;Новая;КП;02.02.2024 10:00;Анна\n2;;Новая;02.02.2024 10:00;Анна\n"
            ),
            {
                "deal": "Сделка",
                "stage": "В этап",
                "at": "Дата",
                "by": "Кто изменил",
                "from": "Из этапа",
            },
        ),
        (
            (
                "Дата;Автор;Объект;Название;Событие;Значение до;Значение после\n"
                "01.03.2024 10:00;Анна;Сделка;Окна;Изменение этапа;Новая;Переговоры\n"
                "05.03.2024 12:00;Анна;Сделка;Окна;Изменение этапа;Переговоры;Успех\n"
                "06.03.2024 12:00;Анна;Сделка;Двери;Изменение этапа;Новая;Переговоры\n"
            ),
            {
                "deal": "Название",
                "stage": "Значение после",
                "at": "Дата",
                "by": "Автор",
                "from": "Значение до",
            },
        ),
        (
            (
                "case;activity;date;time\n1;B;01.02.2024;11:30:15\n1;A;01.02.2024;10:00\n"
                "2;A;02.02.2024;9:05\n"
            ),
            {"deal": "case", "stage": "activity", "at": ("date", "time")},
        ),
        (
            (
                "SR Number;Change Date+Time;Status;Sub Status;Owner First Name\n"
                "1-36;2010-03-31T15:59:42+01:00;Accepted;In Progress;Ann\n"
                "1-36;2010-03-31T16:59:42+01:00;Queued;In Progress;Ann\n"
                "1-37;2010-03-31T15:59:42+01:00;Accepted;In Progress;Bob\n"
            ),
            {
                "deal": "SR Number",
                "stage": "Status",
                "at": "Change Date+Time",
                "owner": "Owner First Name",
            },
        ),
    ],
)
def test_event_logs_are_moves(tmp_path: Path, content: str, expected: dict[str, object]) -> None:
    found = guess(tmp_path, content)
    assert found.mapping.kind == "moves"
    assert plain(found.mapping) == expected


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (
            (
                "ID;Название;Исполнитель;Крайний срок;Статус;Дата завершения;Сделка\n"
                "1;Звонок;Анна;10.01.2024 18:00;Завершена;10.01.2024 17:00;С1\n"
            ),
            "tasks",
            {
                "external_id": "ID",
                "title": "Название",
                "deal": "Сделка",
                "assignee": "Исполнитель",
                "due": "Крайний срок",
                "state": "Статус",
                "closed_at": "Дата завершения",
            },
        ),
        (
            "sales_agent,manager,regional_office\nAnn,Bob,East\nEve,Bob,West\n",
            "people",
            {"name": "sales_agent", "supervisor": "manager", "team": "regional_office"},
        ),
        (
            "account,sector,year_established,revenue,employees\nAcme,retail,1996,110.4,20\n",
            "companies",
            {"name": "account", "industry": "sector"},
        ),
        (
            "Company,Owner,Revenue,Website\nAcme,Ann,110.4,a.example\nBolt,Eve,7,b.example\n",
            "companies",
            {"name": "Company"},
        ),
        (
            "First Name,Last Name,Company,Phone,Email\nAnn,Lee,Acme,+1 202 555 0100,a@b.example\n",
            "contacts",
            {
                "name": ("First Name", "Last Name"),
                "company": "Company",
                "phone": "Phone",
                "email": "Email",
            },
        ),
        (
            "Подрядчик;Услуги;Рейтинг\nИП Ли;Монтаж;5\n",
            "contractors",
            {"name": "Подрядчик", "services": "Услуги", "rating": "Рейтинг"},
        ),
    ],
)
def test_other_kinds(tmp_path: Path, content: str, kind: str, expected: dict[str, object]) -> None:
    found = guess(tmp_path, content)
    assert found.mapping.kind == kind
    assert plain(found.mapping) == expected


def test_the_kind_can_be_given_and_unknown_headings_are_read_from_values(tmp_path: Path) -> None:
    found = guess(tmp_path, "a,b,c\n1,x,2024-01-01\n1,y,2024-01-02\n2,x,2024-01-03\n", "moves")
    assert plain(found.mapping) == {"deal": "a", "stage": "b", "at": "c"}
    assert max(found.confidence.values()) <= 0.5


def test_a_row_for_each_deal_is_no_event_log(tmp_path: Path) -> None:
    rows = "".join(f"{n},New,2024-01-{n:02}\n" for n in range(1, 20))
    assert guess(tmp_path, "Deal ID,Stage,Date\n" + rows).mapping.kind == "deals"
    rows = "".join(f"{n // 3},{'AB'[n % 2]},2024-01-{n:02}\n" for n in range(1, 20))
    assert guess(tmp_path, "Deal ID,Stage,Date\n" + rows).mapping.kind == "moves"


@pytest.mark.parametrize("rows", [3, 40])
def test_a_number_stays_the_number_though_a_row_came_twice(tmp_path: Path, rows: int) -> None:
    lines = [f"{row},Deal {row},New" for row in range(rows)]
    content = "\n".join(["id,title,stage", *lines, *lines[:2]]) + "\n"
    assert plain(guess(tmp_path, content, "deals").mapping)["external_id"] == "id"


def test_a_file_that_is_nothing_says_what_is_missing(tmp_path: Path) -> None:
    assert guess(tmp_path, "x,y\nfoo bar,1\nfoo bar,2\n", "moves").missing
    assert guess(tmp_path, "x,y\nfoo bar,1\nfoo bar,2\n").score < 1


def test_values_overrule_headings(tmp_path: Path) -> None:
    found = guess(
        tmp_path,
        "id,title,stage,budget,created,closed\n"
        "1,a,New,cash,2024-01-01,no\n2,b,New,card,2024-01-02,yes\n3,c,Won,cash,2024-01-03,yes\n",
        "deals",
    )
    assert set(found.mapping.columns) == {"external_id", "title", "stage", "created_at"}


def test_headings_are_folded() -> None:
    for heading in ("CaseID", "case_id", "Case: ID", " case  id ", "CASE ID", "case-id", "caseId"):
        assert fold_heading(heading) == "case id"
    assert fold_heading("Бюджет, ₽") == "бюджет"
    assert fold_heading("Номер счёта") == "номер счета"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("Успешно реализовано", "won"), ("Сделка успешна", "won"), ("Closed Won", "won")),
        *(("WON", "won"), ("C14:WON", "won"), ("Closed - Won", "won"), ("Успех", "won")),
        *(("Закрыто и не реализовано", "lost"), ("Сделка провалена", "lost"), ("LOSE", "lost")),
        *(("Closed-Lost to Competition", "lost"), ("Closed Won (renewal)", "won")),
        *(("Refusal", "lost"), ("Declined", "lost"), ("Refusals last year", None)),
        *(("Closed Wonder", None), ("Not closed lost", None)),
        *(("Closed Lost", "lost"), ("Отказ", "lost"), ("Анализ причины провала", "lost")),
        *(("Negotiation", None), ("Closed", None), ("Wonderland", None), ("Отказ клиента?", None)),
    ],
)
def test_stages_that_end_a_deal(name: str, kind: str | None) -> None:
    assert kind_of_stage(name) == kind


def test_stages_are_ordered_only_if_all_are_known() -> None:
    known = [
        rule.value for rule in stage_rules(["Won", "Договор", "Новая", "Lost", "Встреча назначена"])
    ]
    assert known == ["Новая", "Встреча назначена", "Договор", "Won", "Lost"]
    unknown = [rule.value for rule in stage_rules(["Lost", "Договор", "Xyz", "Новая", "Won"])]
    assert unknown == ["Договор", "Xyz", "Новая", "Won", "Lost"]
    rules = {rule.value: rule.milestone for rule in stage_rules(["Встреча назначена", "КП"])}
    assert rules == {"Встреча назначена": "meeting_scheduled", "КП": None}


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_called_like_a_field_is_that_field_whatever_it_holds(
    tmp_path: Path, kind: Kind
) -> None:
    fields = FIELDS[kind]
    path = tmp_path / "file.csv"
    rows = "".join(",".join(f"?{n % 2}" for _ in fields) + "\n" for n in range(9))
    path.write_text(",".join(fields) + "\n" + rows, encoding="utf-8")
    found = guess_mapping(read_table(path), kind)
    assert plain(found.mapping) == {name: name for name in fields}
    path.write_text(
        ",".join(name.replace("_", " ").upper() for name in fields) + "\n" + rows, encoding="utf-8"
    )
    found = guess_mapping(read_table(path), kind)
    assert set(found.mapping.columns) == set(fields)


def test_rows_that_cannot_be_read_are_refused_and_the_column_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("deal,stage,at\nA,New,2026-03-01\nA,Won,bad\nB,New,soon\n", encoding="utf-8")
    table = read_table(path)
    for kind in ("moves", None):
        found = guess_mapping(table, kind)
        assert plain(found.mapping) == {"deal": "deal", "stage": "stage", "at": "at"}
        refused = read_columns(table, found.mapping).rejects
        assert [(one.row, one.column, one.value) for one in refused] == [
            (3, "at", "bad"),
            (4, "at", "soon"),
        ]


def test_a_number_that_few_rows_have_gives_way_to_one_of_all(tmp_path: Path) -> None:
    rows = "".join(f"{n},{'X1' if n == 3 else ''},Deal {n},New\n" for n in range(9))
    columns = plain(guess(tmp_path, "id,external_id,title,stage\n" + rows, "deals").mapping)
    assert columns["external_id"] == "id"


def test_a_deal_by_its_number_before_its_title(tmp_path: Path) -> None:
    content = "deal,deal_id,stage,at\nA,1,New,2026-03-01\nA,1,Won,2026-03-02\nB,2,New,2026-03-02\n"
    assert plain(guess(tmp_path, content, "moves").mapping)["deal"] == "deal_id"


@pytest.mark.parametrize("kind", ["deals", "tasks", "companies", "contacts", "contractors"])
@pytest.mark.parametrize("heading", ["external_id", "External number", "Внешний номер"])
def test_the_external_number_is_known_of_every_kind(
    tmp_path: Path, kind: Kind, heading: str
) -> None:
    named = "title" if kind in ("deals", "tasks") else "name"
    rows = "".join(f"{n},X{n},Thing {n}\n" for n in range(5))
    columns = plain(guess(tmp_path, f"id,{heading},{named}\n{rows}", kind).mapping)
    assert columns == {"external_id": heading, named: named}
