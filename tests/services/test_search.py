"""Find anything: by every number, name and word, in either layout, misspelt, within one's scope."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.models import indexed
from salesdesk.models.fulltext import words
from salesdesk.models.store import Store
from salesdesk.names import key
from salesdesk.services import contractors, deals, layouts, search, search_people, search_records
from salesdesk.services.search import Answer, Spot
from salesdesk.services.search_fit import marks
from tests.builders import Desk, empty_store


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with empty_store(tmp_path) as store:
        yield Desk(store)


def client(desk: Desk, name: str, kind: str = "company", **fields: object) -> int:
    return desk.insert("client", kind=kind, name=name, name_key=key(name), **fields)


def phone(desk: Desk, who: int, digits: str) -> int:
    return desk.insert(
        "client_contact", client_id=who, kind="phone", value=f"+{digits}", value_key=digits
    )


def ask(desk: Desk, typed: str, people: frozenset[int] | None = None, **more: object) -> Answer:
    with desk.store.read() as r:
        return search.search(r, typed, people=people, **more)  # type: ignore[arg-type]


def hits(answer: Answer) -> list[tuple[str, int]]:
    return [(hit.kind, hit.id) for group in answer.groups for hit in group.hits]


def catch_up(store: Store) -> int:
    return sum(indexed.catch_up(store))


@pytest.fixture(params=["before the index", "from the index"])
def filled(request: pytest.FixtureRequest, desk: Desk) -> dict[str, int]:
    """One of each; keys by a short name."""
    stage, *_ = desk.pipeline("Sales")
    made = {"anna": desk.person("Анна Орлова"), "firm": client(desk, "ООО «Стройинвест»")}
    made["pyotr"] = client(desk, "Пётр Семёнов", "contact", company_id=made["firm"])
    phone(desk, made["pyotr"], "79125550142")
    mail = "p.semenov@stroy.ru"
    desk.insert("client_contact", client_id=made["pyotr"], kind="email", value=mail, value_key=mail)
    made["bank"] = client(desk, "Café Zürich", tax_number="7701234567")
    made["roof"] = desk.deal(
        stage, "2026-11-03T10:00", made["anna"], number=1042, title="Кровля цеха № 7",
        client_id=made["firm"],
    )  # fmt: skip
    made["crane"] = desk.deal(
        stage, "2026-11-04T10:00", made["anna"], number=77, title="Crane hire"
    )
    tag = desk.insert("tag", name="Срочно", name_key="срочно")
    desk.insert("deal_tag", deal_id=made["crane"], tag_id=tag)
    made["call"] = desk.task(made["roof"], made["anna"], "2026-11-03T10:00", "2026-11-05T10:00")
    made["note"] = desk.insert("note", deal_id=made["crane"], text="Просил перезвонить\nдо обеда",
                               at=desk.clock)  # fmt: skip
    made["cranes"] = desk.insert("contractor", name="ИП Крановъ", name_key="ип крановъ",
                                 phone="+7 905 111-22-33", email="base@krany.ru")  # fmt: skip
    for name, number in (("Ольга Зуева", "8 (905) 444-55-66"), ("Жанна Лёвина", "+79057778899")):
        desk.insert("contractor_contact", contractor_id=made["cranes"], name=name, phone=number)
    if request.param == "from the index":
        assert catch_up(desk.store) > 0
        with desk.store.read() as r:
            assert indexed.differing(r) == 0
    return made


@pytest.mark.parametrize(
    ("typed", "kind", "name"),
    [
        ("1042", "deal", "roof"), ("КРОВЛЯ", "deal", "roof"), ("кров цех", "deal", "roof"),
        ("цеха кровля", "deal", "roof"), ("стройинв", "deal", "roof"), ("срочно", "deal", "crane"),
        ("hire crane", "deal", "crane"), ("№1042", "deal", "roof"),
        ("стройинвест", "client", "firm"), ("петр", "client", "pyotr"),
        ("Семенов Петр", "client", "pyotr"), ("cafe zurich", "client", "bank"),
        ("7701234", "client", "bank"), ("semenov@stroy", "client", "pyotr"),
        ("79125550142", "client", "pyotr"), ("8 912 555", "client", "pyotr"),
        ("+7 (912) 555-01-42", "client", "pyotr"), ("5501", "client", "pyotr"),
        ("0142", "client", "pyotr"), ("9125550142", "roof by phone", "roof"),
        ("call", "task", "call"), ("обеда", "note", "note"), ("орл", "person", "anna"),
        # in the wrong layout
        ("cnhjqbydtcn", "client", "firm"), ("rhjdkz", "deal", "roof"), ("сфдд", "task", "call"),
        ("gtnh ctvtyj", "client", "pyotr"),
        # misspelt
        ("Стройинвст", "client", "firm"), ("стройенвест", "client", "firm"),
        ("симёнов", "client", "pyotr"), ("арлова", "person", "anna"), ("кравля", "deal", "roof"),
        ("cnhjqbydcn", "client", "firm"), ("стойин", "client", "firm"),
        ("КРАНОВ", "contractor", "cranes"), ("rhfyjd", "contractor", "cranes"),
        ("карновъ", "contractor", "cranes"), ("11122", "contractor", "cranes"),
        ("905 777-88", "contractor", "cranes"), ("89057778899", "contractor", "cranes"),
        ("левина жанна", "contractor", "cranes"), ("krany", "contractor", "cranes"),
    ],
)  # fmt: skip
def test_found(desk: Desk, filled: dict[str, int], typed: str, kind: str, name: str) -> None:
    kind = "deal" if kind == "roof by phone" else kind
    assert (kind, filled[name]) in hits(ask(desk, typed))


@pytest.mark.parametrize("typed", ["", "  ", "№", "кровля лифта", "zzzz", "98765", "«»", '"*'])
def test_not_found(desk: Desk, filled: dict[str, int], typed: str) -> None:
    assert hits(ask(desk, typed)) == []


def test_what_a_hit_shows(desk: Desk, filled: dict[str, int]) -> None:
    [group] = ask(desk, "кров").groups
    [hit] = group.hits
    assert (hit.title, hit.detail, hit.owner) == (
        "Кровля цеха № 7",
        "ООО «Стройинвест»",
        "Анна Орлова",
    )
    assert (hit.number, hit.stage, hit.marks) == (1042, "New", ((0, 4),))
    [note] = ask(desk, "обеда").groups[0].hits
    assert "\n" not in note.title
    assert (note.title[note.marks[0][0] :], note.deal_id) == ("обеда", filled["crane"])
    [pyotr] = ask(desk, "91255", kinds=("client",)).groups[0].hits
    [(start, length)] = pyotr.detail_marks
    assert pyotr.detail[start : start + length] == "91255"


def test_a_contractor_shows_who_was_meant_and_is_gone_when_deleted(
    desk: Desk, filled: dict[str, int]
) -> None:
    service = desk.insert("service", name="Подъём", name_key="подъем", position=1)
    desk.insert("contractor_service", contractor_id=filled["cranes"], service_id=service)
    [hit] = ask(desk, "лёв", kinds=("contractor",)).groups[0].hits
    assert hit.detail.startswith("Жанна Лёвина +79057778899 · ")
    assert (hit.detail_marks, hit.services) == (((6, 3),), "Подъём")
    recalled = [Spot("contractor", filled["cranes"])]
    with desk.store.read() as r:
        assert search.recall(r, recalled, people=frozenset())[0].title == "ИП Крановъ"
    manager = ask(desk, "крановъ", people=frozenset({filled["anna"]}))
    assert ("contractor", filled["cranes"]) in hits(manager)
    contractors.delete(desk.store, filled["cranes"], person=None, now=desk.clock)
    assert hits(ask(desk, "крановъ")) == []
    assert hits(ask(desk, "лёвина")) == []
    new = contractors.NewContractor("Кранстрой")
    made = contractors.add(desk.store, new, person=None, now=desk.clock).id
    assert ("contractor", made) in hits(ask(desk, "кранстр"))
    assert ("contractor", made) in hits(ask(desk, "кранстой"))


def test_says_what_was_meant(desk: Desk, filled: dict[str, int]) -> None:
    assert (ask(desk, "стройинвест").meant, ask(desk, "стройинвест").is_guess) == ("", False)
    assert ask(desk, "cnhjqbydtcn").meant == "стройинвест"
    assert ask(desk, "стройинвст").is_guess


def test_best_first(desk: Desk) -> None:
    stage, *_ = desk.pipeline("Sales")
    old = desk.deal(stage, 1, title="Ремонт")
    for number in range(60):
        desk.deal(stage, 2, title=f"Монтаж и ремонт {number}")
    newest = desk.deal(stage, 3, title="Ремонт крыши")
    catch_up(desk.store)
    assert hits(ask(desk, "ремонт"))[0] == ("deal", newest)
    first = ask(desk, "ремонт", recent=[Spot("deal", old)]).groups[0]
    assert first.hits[0].id == old  # opened lately, though sixty others are newer
    assert first.more
    assert len(first.hits) == 10
    by_number = desk.deal(stage, 1, title="Другое", number=9)
    assert hits(ask(desk, "9"))[0] == ("deal", by_number)


def test_each_sees_the_own(desk: Desk) -> None:
    stage, *_ = desk.pipeline("Sales")
    anna, ivan = desk.person("Анна"), desk.person("Иван")
    theirs = client(desk, "Альфа чужая")
    free = client(desk, "Альфа ничья")
    other = desk.deal(stage, 1, ivan, title="Альфа чужая", client_id=theirs)
    own = desk.deal(stage, 1, anna, title="Альфа своя")
    nobodys = desk.deal(stage, 1, title="Альфа ничья")
    hidden = desk.task(other, ivan, 1)
    shown = desk.task(other, anna, 1)
    for deal in (other, own, nobodys):
        desk.insert("note", deal_id=deal, text="Альфа", at=1)
    for firm in (theirs, free):
        desk.insert("note", client_id=firm, text="Альфа", at=1)
    for _ in range(2):
        found = hits(ask(desk, "альфа", frozenset({anna})))
        assert {key for kind, key in found if kind == "deal"} == {own, nobodys}
        assert {key for kind, key in found if kind == "client"} == {free}
        assert len([1 for kind, _ in found if kind == "note"]) == 3
        assert hits(ask(desk, "call", frozenset({anna}))) == [("task", shown)]
        assert ("task", hidden) in hits(ask(desk, "call"))
        many = frozenset({anna, *range(1_000, 1_020)})
        assert set(hits(ask(desk, "альфа", many))) == set(found)
        with desk.store.read() as r:
            spots = [Spot("deal", other), Spot("deal", own), Spot("client", theirs)]
            seen = search.recall(r, spots, people=frozenset({anna}))
        assert [hit.id for hit in seen] == [own]
        catch_up(desk.store)


def test_own_deals_and_clients_known_by_heart_are_those_that_are_looked_through(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after something was written, and among very many of others."""
    stage, *_ = desk.pipeline("Sales")
    people = [desk.person("Анна"), desk.person("Иван"), None]
    rng = Random(7)
    names = ["Альфа", "Альянс", "Бета", "Кровля", "Крановщик", "77"]
    firms = [client(desk, f"{rng.choice(names)} {at}") for at in range(150)]
    firms += [client(desk, f"{rng.choice(names)} лицо", "contact") for at in range(60)]
    deals = [
        desk.deal(stage, 1, rng.choice(people), title=" ".join(rng.sample(names, 2)),
                  client_id=rng.choice(firms), contact_id=rng.choice([None, *firms[150:]]))
        for _ in range(300)
    ]  # fmt: skip
    catch_up(desk.store)
    monkeypatch.setattr(search, "_OWN_POOL", 1_000)
    typed = ["а", "ал", "альфа", "кр", "кровля ал", "7", "77 бета", "лицо", "1", "альфа 1", "нет"]

    def found(who: frozenset[int]) -> list[list[tuple[str, int]]]:
        return [sorted(hits(ask(desk, each, who, limit=1_000))) for each in typed]

    def both(who: frozenset[int]) -> None:
        by_heart = found(who)
        with monkeypatch.context() as patched:
            patched.setattr(search_records, "_OWN", -1)
            assert by_heart == found(who)

    for looked in (1_000, 100):
        monkeypatch.setattr(search_records, "_LOOKED", looked)
        for who in ([people[0]], [people[1]], people[:2]):
            both(frozenset(each for each in who if each is not None))
    with desk.store.command("deal.change", now=2) as tx:
        tx.update("deal", [{"id": deals[-1], "title": "Новая Альфа", "owner_id": people[0]}])
    anna = frozenset({people[0] or 0})
    both(anna)
    assert ("deal", deals[-1]) in hits(ask(desk, "новая", anna))
    with desk.store.read() as r:
        search.warm(r, anna)
    both(anna)


def test_what_was_handed_over_is_seen_no_more_once_that_is_undone(desk: Desk) -> None:
    stage, *_ = desk.pipeline("Sales")
    anna, ivan = desk.person("Анна"), desk.person("Иван")
    deal = desk.deal(stage, 1, ivan, title="Кран")
    desk.insert("note", deal_id=deal, text="Кран", at=1)
    catch_up(desk.store)
    assert not hits(ask(desk, "кран", frozenset({anna})))
    command = deals.assign(desk.store, [deal], anna, person=None, now=5)
    assert {kind for kind, _ in hits(ask(desk, "кран", frozenset({anna})))} == {"deal", "note"}
    desk.undo(command)
    assert not hits(ask(desk, "кран", frozenset({anna})))
    desk.redo(command)
    assert {kind for kind, _ in hits(ask(desk, "кран", frozenset({anna})))} == {"deal", "note"}


def test_a_contractor_is_found_by_its_contact_persons_as_they_are_now(desk: Desk) -> None:
    firm = contractors.add(desk.store, contractors.NewContractor("Подъём"), person=None, now=1).id
    assert not hits(ask(desk, "семён"))
    contact = desk.insert("contractor_contact", contractor_id=firm, name="Семён")
    assert hits(ask(desk, "семён")) == [("contractor", firm)]
    desk.delete("contractor_contact", contact)
    assert not hits(ask(desk, "семён"))


def test_people_are_found_as_they_are_called_now_and_those_who_left_last(desk: Desk) -> None:
    anna, left, ivan = (desk.person(name) for name in ("Анна Орлова", "Орлов", "Иван"))
    assert {key for _, key in hits(ask(desk, "орл"))} == {anna, left}
    with desk.store.command("person.change", now=2) as tx:
        tx.update("person", [{"id": left, "last_day": 1}, {"id": ivan, "name": "Орлик"}])
    with desk.store.read() as r:
        assert search_people.named(r, ["орл"]) == [anna, ivan, left]
        assert search_people.named(r, ["ор", "анн"]) == [anna]
    desk.delete("person", anna)
    assert {key for _, key in hits(ask(desk, "орл"))} == {ivan, left}


def test_recall_keeps_the_order_and_leaves_out_what_is_gone(
    desk: Desk, filled: dict[str, int]
) -> None:
    spots = [Spot("deal", filled["crane"]), Spot("client", filled["firm"]), Spot("deal", 999),
             Spot("deal", filled["roof"]), Spot("deal", filled["crane"])]  # fmt: skip
    desk.delete("deal", filled["roof"])
    with desk.store.read() as r:
        found = search.recall(r, spots, people=None)
    assert [hit.title for hit in found] == ["Crane hire", "ООО «Стройинвест»"]


@pytest.mark.parametrize(
    ("typed", "other"),
    [("cnhjqbydtcn", "стройинвест"), ("ghbdtn", "привет"), ("руддщ", "hello"), ("`krf", "ёлка"),
     (":ehyfk", "Журнал"), ("Ghbdtn", "Привет"), ("123", ""), ("", "")],
)  # fmt: skip
def test_layouts(typed: str, other: str) -> None:
    assert layouts.switched(typed) == other


def test_commands_are_found_in_both_languages_and_layouts() -> None:
    texts = ("Theme: Dark", "Тема: тёмная")
    for typed in ("dark", "theme d", "темная", "ntvyfz", "вфкл"):
        assert search.fitting(texts, typed) > 0
    assert search.fitting(texts, "light") == 0
    assert search.fitting(texts, "") == 0


@given(st.text(min_size=0, max_size=30), st.integers(1, 5))
def test_marks_lie_in_the_text_and_begin_with_what_was_typed(text: str, length: int) -> None:
    for word in words(text):
        for start, size in marks(text, [word[:length]]):
            assert 0 <= start < start + size <= len(text)


@given(st.text(alphabet="0123456789", min_size=3, max_size=15), st.data())
def test_a_phone_is_found_by_any_of_its_digits(digits: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(digits) - 3))
    stop = data.draw(st.integers(start + 3, len(digits)))
    part = digits[start:stop]
    assert any(word.startswith(part) for word in indexed.phone_words(digits))
