"""Clients: phones by any digits, the list, verbs, and duplicates that are warned of."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk import names
from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.services import (
    clientlist,
    clientnames,
    clients,
    clientview,
    deals,
    duplicates,
    history,
    merging,
    phones,
    tasks,
)
from salesdesk.services.clientlist import ClientFilter
from salesdesk.services.clientnames import core
from salesdesk.services.clients import NewClient
from salesdesk.services.duplicates import Typed
from tests.builders import Desk, empty_store
from tests.services.importing import bring

NOW = 1_795_000_000_000_000
DAY = 86_400_000_000


class Town:
    """A workspace of Russia with a pipeline and two people."""

    def __init__(self, folder: Path) -> None:
        self.store = empty_store(folder)
        desk = Desk(self.store, country="RU")
        self.ann, self.bob = (desk.person(name, role="manager") for name in ("Ann", "Bob"))
        self.stages = desk.pipeline("Sales")
        self.now = NOW

    def add(self, name: str, kind: clients.ClientKind = "company", **more: object) -> int:
        new = NewClient(kind, name, **more)  # type: ignore[arg-type]
        return clients.add(self.store, new, person=None, now=self.now).id

    def deal(self, client: int, title: str = "Deal", **more: object) -> int:
        new = deals.NewDeal(title, self.stages[0], client_id=client, **more)  # type: ignore[arg-type]
        return deals.create(self.store, new, person=None, now=self.now).deal_ids[0]

    def names(self, **chosen: object) -> list[str]:
        with self.store.read() as r:
            keys = clientlist.ids(r, ClientFilter(**chosen), now=self.now)  # type: ignore[arg-type]
            rows = clientlist.rows(r, keys, now=self.now)
        return [rows[key].name for key in keys]

    def view(self, client: int) -> clientview.ClientView:
        with self.store.read() as r:
            return clientview.client_view(r, client, now=self.now)

    def likely(self, **typed: object) -> list[tuple[str, tuple[str, ...]]]:
        with self.store.read() as r:
            found = duplicates.likely(r, Typed(**typed))  # type: ignore[arg-type]
        return [(match.name, match.reasons) for match in found]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.store.close()


# -- phones ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["+7 912 555-01-42", "8 (912) 555-01-42", "89125550142", "9125550142", "7 912 555 01 42",
     "+7 (912) 555 01 42 доб. 15", "8-912-555-01-42 ext 7", "+7 912 555 0142, 3"],
)  # fmt: skip
def test_a_number_has_one_key_however_it_is_typed(typed: str) -> None:
    assert phones.phone_key(typed) == "79125550142"


_LAYOUTS = st.sampled_from(("{}{}{}", "{}-{}-{}", " ({}) {} {}", " {} {}-{}"))


@given(
    st.from_regex(r"[3489]\d{9}", fullmatch=True), st.sampled_from(("+7", "8", "7", "")), _LAYOUTS
)
def test_the_quick_key_is_what_the_numbering_plans_read(
    number: str, before: str, layout: str
) -> None:
    typed = before + layout.format(number[:3], number[3:6], number[6:])
    parsed = phonenumbers.parse(typed, "RU")
    if phonenumbers.is_valid_number(parsed):
        wanted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert phones.phone_key(typed, "RU") == wanted[1:]


def test_other_countries_read_their_own_numbers() -> None:
    assert phones.phone_key("030 901820", "DE") == phones.phone_key("+49 30 901820", "RU")
    assert phones.phone_key("8 10 49 30 901820") == "4930901820"
    assert phones.search_keys("030 90", "DE") == ("03090", "3090")


def test_a_phone_is_shown_called_and_copied() -> None:
    found = phones.phone("8 (912) 555-01-42 доб. 15", "RU")
    assert (found.shown, found.known) == ("+7 912 555-01-42 ext. 15", True)
    assert found.dial == "tel:+7-912-555-01-42;ext=15"
    assert found.copied == "+79125550142 ext. 15"


@pytest.mark.parametrize("typed", ["ask the guard", "555-01-42", "12", "+7 912"])
def test_what_is_no_phone_is_kept_as_typed(typed: str) -> None:
    found = phones.phone(typed, "RU")
    assert (found.shown, found.known) == (typed, False)


def test_hand_and_import_give_the_same_key(town: Town, tmp_path: Path) -> None:
    town.add("Vector", phones=("8 (912) 555-01-42 доб. 3", "+49 30 901820"))
    mapping = 'as = "companies"\n[columns]\nname = "name"\nphone = "phone"\n'
    text = "name,phone\nOther,8 912 555 01 42 доб. 3; +49 (30) 90-18-20\n"
    bring(town.store, tmp_path, text, mapping, now=NOW)
    with town.store.read() as r:
        keys = r.rows("SELECT DISTINCT value_key FROM client_contact ORDER BY 1")
    assert keys == [("4930901820",), ("79125550142",)]


# -- the list --------------------------------------------------------------------------------------


def test_a_client_is_found_by_anything_one_remembers(town: Town) -> None:
    town.add("Вектор-Агро", phones=("+7 912 555-01-42",), emails=("Info@Vector.ru",),
             tax_number="7707083893")  # fmt: skip
    town.add("Пчёлка", phones=("+7 495 123-45-67",))
    for typed in ("вектор", "агро век", "8912", "8 (912) 555", "+7 912", "5550142", "01-42",
                  "info@vec", "770708"):  # fmt: skip
        assert town.names(text=typed) == ["Вектор-Агро"], typed
    assert town.names(text="пчелка") == ["Пчёлка"]
    assert town.names(text="100%") == []


def test_kinds_orders_and_what_deals_brought(town: Town) -> None:
    small, large = town.add("A small one"), town.add("B large one")
    town.add("Person", "contact", company="A small one")
    won = town.deal(large, amount=Decimal(500))
    deals.move(town.store, [won], town.stages[5], person=None, now=town.now)
    town.deal(small), town.deal(small)
    assert town.names(kind="contact") == ["Person"]
    assert town.names(kind="company", sort="revenue")[0] == "B large one"
    assert town.names(kind="company", sort="deals")[0] == "A small one"
    assert town.names(sort="newest")[0] == "Person"
    view = town.view(large)
    assert (view.revenue, view.won_deals, view.open_deals) == (Decimal(500), 1, 0)
    assert [person.name for person in town.view(small).people] == ["Person"]


def test_silence_is_no_task_and_nothing_done(town: Town) -> None:
    town.add("Silent")
    busy, noted, waiting = town.add("Busy"), town.add("Noted"), town.add("Waiting")
    deal = town.deal(busy)
    town.now += 40 * DAY
    tasks.add(town.store, tasks.NewTask("Call", deal, assignee_id=town.ann), person=None,
              now=town.now - 20 * DAY)  # fmt: skip
    clients.add_note(town.store, noted, "hm", person=None, now=town.now - DAY)
    tasks.add(town.store, tasks.NewTask("Call", client_id=waiting), person=None, now=NOW + DAY)
    assert town.names(quiet_days=30) == ["Silent"]
    with town.store.read() as r:
        [task] = r.rows("SELECT id FROM task WHERE deal_id = ?", (deal,))
    tasks.complete(town.store, [task[0]], person=None, now=town.now - 5 * DAY)
    assert town.names(quiet_days=30) == ["Silent"]
    assert town.names(quiet_days=3) == ["Busy", "Silent"]
    assert town.names(sort="quiet")[0] == "Silent"


def test_a_manager_sees_the_own_and_nobodys(town: Town) -> None:
    mine, other, free = town.add("Mine"), town.add("Other"), town.add("Free")
    town.add("Person of other", "contact", company_id=other)
    town.deal(mine, owner_id=town.ann), town.deal(other, owner_id=town.bob), town.deal(free)
    assert town.names(people=frozenset({town.ann})) == ["Free", "Mine"]
    assert len(town.names()) == 4


# -- verbs -----------------------------------------------------------------------------------------


def test_every_change_is_taken_back(town: Town) -> None:
    key = town.add("Vector", phones=("+7 912 555-01-42",))
    before = town.view(key)
    store, now = town.store, town.now + 1
    [phone] = [contact.id for contact in before.contacts]
    done = [
        clients.change(store, key, {"name": "Vektor", "tax_number": "1", "notes": "x"},
                       person=None, now=now),
        clients.add_contact(store, key, "email", "a@b.ru", person=None, now=now).command_id,
        clients.change_contact(store, phone, "ask", person=None, now=now),
        clients.change_contact(store, phone, None, person=None, now=now),
        clients.add_note(store, key, "hm", person=None, now=now).command_id,
        clients.delete(store, key, person=None, now=now),
    ]  # fmt: skip
    after = town.view(key)
    assert (after.name, after.deleted) == ("Vektor", True)
    assert [contact.value for contact in after.contacts] == ["a@b.ru"]
    for command in reversed(done):
        history.undo(store, command, person=None, now=now + 1)
    assert town.view(key) == before


def test_what_cannot_be_is_refused_in_one_sentence(town: Town) -> None:
    key = town.add("Vector", phones=("+7 912 555-01-42",))
    store, now = town.store, town.now
    with pytest.raises(Invalid, match="needs a name"):
        clients.change(store, key, {"name": " "}, person=None, now=now)
    with pytest.raises(Invalid, match="there already"):
        clients.add_contact(store, key, "phone", "8 912 5550142", person=None, now=now)
    clients.add_contact(store, key, "phone", "8 912 5550142 доб. 5", person=None, now=now)
    with pytest.raises(NotFound, match="does not exist"):
        clients.change(store, key, {"company_id": 999}, person=None, now=now)
    town.deal(key)
    with pytest.raises(Refused, match="has deals"):
        clients.delete(store, key, person=None, now=now)


@pytest.mark.parametrize(
    ("number", "doubt"),
    [("7707083893", ""), ("500100732259", ""), ("7707083894", "check digits"),
     ("770708389", "10 or 12"), ("abc", "10 or 12"), ("", ""), (None, "")],
)  # fmt: skip
def test_a_tax_number_is_gently_doubted(number: str | None, doubt: str) -> None:
    found = clients.tax_doubt(number, "RU") or ""
    assert doubt in found
    assert bool(doubt) == bool(found)
    assert clients.tax_doubt(number, "DE") is None


# -- duplicates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("ООО «Вектор-Агро»", "Вектор Агро"), ("Vector LLC", "L.L.C. Vector"), ("ООО Ёлка", "Елка"),
     ("Общество с ограниченной ответственностью «Ромашка»", 'ЗАО "Ромашка"'),
     ("Müller GmbH & Co. KG", "Müller AG")],
)  # fmt: skip
def test_legal_forms_tell_nobody_apart(one: str, other: str) -> None:
    assert core(one) == core(other)
    assert core("ООО") == "ооо"
    assert core("Пётр Иванов", "contact") == core("иванов петр", "contact")


def test_duplicates_are_warned_of_while_typing(town: Town) -> None:
    key = town.add("ООО «Вектор-Агро»", phones=("+7 912 555-01-42",), emails=("a@vector.ru",),
                   tax_number="7707083893")  # fmt: skip
    town.add("Ромашка")
    name = "ООО «Вектор-Агро»"
    assert town.likely(name="вектор агро") == [(name, ("name",))]
    assert town.likely(name="Вектр-Агро ООО") == [(name, ("near",))]
    assert town.likely(phones=("8 912 555 01 42",)) == [(name, ("phone",))]
    assert town.likely(emails=("A@VECTOR.RU",)) == [(name, ("email",))]
    assert town.likely(tax_number="7707083893", name="Вектор-Агро") == [(name, ("tax", "name"))]
    assert town.likely(tax_number=" 7707 083893") == [(name, ("tax",))]
    assert town.likely(name="Совсем другие") == []
    assert town.likely(name="вектор агро", but=key) == []
    clients.change(town.store, key, {"name": "Иначе"}, person=None, now=town.now)
    assert town.likely(name="вектор агро") == []
    assert town.likely(name="Иначе")[0][0] == "Иначе"


def test_different_extensions_are_different_people(town: Town) -> None:
    town.add("Ann", "contact", phones=("+7 495 123-45-67 доб. 1",))
    assert town.likely(phones=("8 495 123-45-67 доб. 2",)) == []
    assert town.likely(phones=("8 495 123-45-67",))[0][0] == "Ann"


def test_the_title_of_a_new_deal_finds_open_deals(town: Town) -> None:
    ivanov = town.add("Иванов Пётр", "contact", phones=("+7 912 555-01-42",))
    deal = town.deal(ivanov, "Crane")
    town.add("Петров", "contact")
    with town.store.read() as r:
        for title in ("Кран для Иванов", "Пётр Иванов: кран", "звонил 8 912 555-01-42"):
            [match] = duplicates.in_title(r, title)
            assert (match.name, match.open_deals[0].id) == ("Иванов Пётр", deal), title
        assert duplicates.in_title(r, "Кран для Петров") == []
    deals.move(town.store, [deal], town.stages[6], person=None, now=town.now)
    with town.store.read() as r:
        assert duplicates.in_title(r, "Кран для Иванов") == []


def test_the_list_of_duplicates_is_worked_through(town: Town) -> None:
    one = town.add("ООО Вектор", phones=("+7 912 555-01-42",))
    two = town.add("Вектор", phones=("8 495 111-22-33",))
    three = town.add("Другой", phones=("8 912 555 01 42",))
    town.add("Person", "contact", company_id=one, phones=("8 912 555 01 42",))
    town.add("Ромашка"), town.add("Рамашка")
    with town.store.read() as r:
        found = duplicates.groups(r, now=town.now)
    named = [(sorted(m.name for m in group.members), group.reasons) for group in found]
    assert named == [
        (["Вектор", "Другой", "ООО Вектор"], ("phone", "name")),
        (["Рамашка", "Ромашка"], ("near",)),
    ]
    command = duplicates.keep_apart(town.store, [one, two, three], person=None, now=town.now)
    with town.store.read() as r:
        assert len(duplicates.groups(r, now=town.now)) == 1
    history.undo(town.store, command, person=None, now=town.now)
    with town.store.read() as r:
        assert len(duplicates.groups(r, now=town.now)) == 2


def test_different_clients_stay_so_when_one_of_them_is_merged(town: Town) -> None:
    one, two, three, four = (town.add(f"Vector {'I' * n}") for n in range(4))

    def said() -> list[tuple[int, int]]:
        sql = "SELECT client_id, other_id FROM client_apart WHERE deleted_at IS NULL ORDER BY 1, 2"
        with town.store.read() as r:
            return [(row[0], row[1]) for row in r.rows(sql)]

    def apart(*ids: int) -> int:
        return duplicates.keep_apart(town.store, ids, person=None, now=town.now)

    def merge(stays: int, gone: int) -> int:
        done = merging.merge_clients(town.store, stays, [gone], person=None, now=town.now)
        return done.command_id

    apart(two, three)
    again = apart(three, two, four)
    before = [(two, three), (two, four), (three, four)]
    assert said() == before
    merges = [merge(one, four)]
    assert said() == [(one, two), (one, three), (two, three)]
    merges.append(merge(two, three))
    assert said() == [(one, two)]
    for command in merges:
        history.undo(town.store, command, person=None, now=town.now)
    assert said() == before
    history.undo(town.store, again, person=None, now=town.now)
    assert said() == [(two, three)]


def test_a_number_that_many_share_is_a_switchboard(town: Town) -> None:
    for number in range(6):
        town.add(f"{chr(65 + number) * 9}", phones=("+7 495 123-45-67",))
    with town.store.read() as r:
        assert duplicates.groups(r, now=town.now) == []


def test_no_key_holds_anything_but_digits() -> None:
    assert re.fullmatch(r"\d*", phones.phone_key("(9) abc 12"))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("ООО «Нива»", "Н"), ("ПАО «Северная Нива»", "СН"), ("«Альфа Банк», АО", "АБ"),
        ("ИП Петров Иван", "ПИ"), ("Müller & Söhne GmbH", "MS"), ("ООО", "О"), ("«»", "–"),
        ("", "–"), ('"Zenith" LLC', "Z"),
    ],
)  # fmt: skip
def test_initials_are_those_of_the_name(name: str, letters: str) -> None:
    assert clientnames.initials(name) == letters


def test_initials_of_people_keep_every_word() -> None:
    assert [names.initials(each) for each in ("Anna Co", "о'Нил Джон", "Мария", None)] == [
        "AC", "ОД", "М", "–",
    ]  # fmt: skip
