"""Done tasks of nobody are counted on the evening desk, the desk of no people is empty, and what
the limits of the desk are."""

from pathlib import Path

from salesdesk.services import control, settings, tasks
from salesdesk.services.control import Asked
from salesdesk.services.control_lists import EVENING, MORNING, Listed
from salesdesk.services.control_scope import DAY, Whose
from tests.builders import Desk, empty_store


def test_done_tasks_of_nobody_count_in_the_evening(tmp_path: Path) -> None:
    desk = Desk(empty_store(tmp_path))
    now, ivan = desk.at("2026-11-20T18:00"), desk.person("Ivan")
    mine, old = (desk.task(None, None, "2026-11-18T12:00", "2026-11-20T12:00") for _ in range(2))
    tasks.complete(desk.store, [old], person=None, now=now - DAY)
    tasks.complete(desk.store, [mine], person=None, now=now)
    with desk.store.read() as r:
        seen = control.desk(r, Asked(Whose(), True, Listed("done")), now=now)
        others = control.desk(
            r, Asked(Whose(frozenset((ivan,)), False), True, Listed("done")), now=now
        )
    assert (list(seen.ids), seen.count("done")) == ([mine], 1)
    assert (list(others.ids), others.count("done")) == ([], 0)
    desk.store.close()


def test_of_no_people_there_is_nothing(tmp_path: Path) -> None:
    desk = Desk(empty_store(tmp_path))
    now, ivan = desk.at("2026-11-20T18:00"), desk.person("Ivan")
    stage, *_ = desk.pipeline("Sales")
    deal = desk.deal(stage, "2026-11-02T10:00", ivan)
    desk.task(deal, ivan, "2026-11-18T12:00", "2026-11-19T12:00")
    for nobody in (False, True):
        for evening, kinds in ((False, MORNING), (True, EVENING)):
            for kind in (*kinds, "standing", "absent"):
                asked = Asked(Whose(frozenset(), nobody), evening, Listed(kind, stage))
                with desk.store.read() as r:
                    seen = control.desk(r, asked, now=now)
                assert (list(seen.ids), seen.loads, seen.habits, seen.away) == ([], (), (), ())
    desk.store.close()


def test_the_limits_are_settings(tmp_path: Path) -> None:
    desk = Desk(empty_store(tmp_path))
    now = desk.at("2026-11-20T18:00")
    waits = desk.task(None, None, "2026-11-15T12:00", None)
    desk.update("task", waits, event="field", event_field="amount")
    with desk.store.read() as r:
        assert not control.desk(r, Asked(Whose(), False, Listed("waiting")), now=now).ids
    settings.change(desk.store, {"waits_days": 3}, person=None, now=now)
    with desk.store.read() as r:
        seen = control.desk(r, Asked(Whose(), False, Listed("waiting")), now=now)
    assert list(seen.ids) == [waits]
    assert seen.count("waiting") == 1
    desk.store.close()
