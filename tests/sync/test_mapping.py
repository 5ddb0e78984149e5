"""Which of ours is proposed to be which at the other end."""

from hypothesis import given
from hypothesis import strategies as st

from salesdesk.services.sync.mapping import Own, propose
from salesdesk.services.sync.remote import FarPerson, FarPipeline, FarStage, Structure

_BITRIX = FarPipeline(
    "0", "Общая",
    (
        FarStage("NEW", "Новая заявка", "open", 10),
        FarStage("PREPARATION", "Подготовка", "open", 20),
        FarStage("PREPAYMENT", "Аванс внесён", "open", 30),
        FarStage("WON", "Сделка успешна", "won", 40),
        FarStage("LOSE", "Провал", "lost", 50),
        FarStage("APOLOGY", "Анализ причины", "lost", 60),
    ),
)  # fmt: skip


def _stage(key: int, name: str, kind: str = "open") -> Own:
    return Own("stage", key, name, None, 1, kind)


OURS = [
    Own("person", 1, "Анна Орлова", "anna@example.test"), Own("person", 2, "Иван Петров"),
    Own("person", 3, "Олег Сидоров"), Own("pipeline", 1, "Продажи"),
    _stage(1, "Новая заявка"), _stage(2, "Встреча назначена"), _stage(3, "Аванс внесён"),
    _stage(4, "Успех", "won"), _stage(5, "Отказ", "lost"),
]  # fmt: skip


def test_names_meaning_and_order() -> None:
    people = (
        FarPerson("7", "Орлова А.", "Anna@Example.test"), FarPerson("8", "Петров Иван"),
        FarPerson("9", "Кто-то Другой"),
    )  # fmt: skip
    found = {
        (pair.own.what, pair.own.id): (pair.far_id, pair.why)
        for pair in propose(OURS, Structure((_BITRIX,), people))
    }
    assert found["person", 1] == ("7", "email")
    assert found["person", 2] == ("8", "name")
    assert found["person", 3] == ("", "none")
    assert found["pipeline", 1] == ("0", "order")
    assert found["stage", 1] == ("NEW", "name")
    assert found["stage", 2] == ("PREPARATION", "order")
    assert found["stage", 3] == ("PREPAYMENT", "name")
    assert found["stage", 4] == ("WON", "meaning")
    assert found["stage", 5] == ("LOSE", "meaning")


_NAMES = st.sampled_from(("New", "Meeting", "Offer", "Contract", "Paid", "Done", "Call", "Visit"))
_KINDS = st.sampled_from(("open", "open", "open", "won", "lost"))


@given(
    st.lists(st.tuples(_NAMES, _KINDS), max_size=8), st.lists(st.tuples(_NAMES, _KINDS), max_size=8)
)
def test_no_stage_is_two_and_kinds_keep_apart(
    here: list[tuple[str, str]], there: list[tuple[str, str]]
) -> None:
    far = tuple(
        FarStage(f"F{place}", name, kind, place)  # type: ignore[arg-type]
        for place, (name, kind) in enumerate(there)
    )
    own = [Own("pipeline", 1, "Sales")]
    own += [_stage(place, name, kind) for place, (name, kind) in enumerate(here)]
    found = propose(own, Structure((FarPipeline("P", "Sales", far),), ()))
    kinds = {stage.far_id: stage.kind for stage in far}
    given_away = [pair.far_id for pair in found if pair.own.what == "stage" and pair.far_id]
    assert len(set(given_away)) == len(given_away)
    assert all(kinds[pair.far_id] == pair.own.kind for pair in found
               if pair.own.what == "stage" and pair.far_id)  # fmt: skip
    assert len(found) == len(own)


def test_without_a_namesake_the_first_pipeline_is_the_main_one_there() -> None:
    there = (FarPipeline("3", "Wholesale", ()), FarPipeline("0", "General", (), main=True))
    [found] = propose([Own("pipeline", 1, "Sales")], Structure(there, ()))
    assert (found.far_id, found.why) == ("0", "order")
