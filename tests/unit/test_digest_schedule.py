"""Lines for the schedulers of systems: quoted so that each of them reads the same words."""

import shlex
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesdesk.errors import Invalid
from salesdesk.moments import Zone
from salesdesk.services import digest_schedule
from salesdesk.services.digest_schedule import Schedule

MOSCOW = Zone("Europe/Moscow")
NOW = MOSCOW.moment(datetime.fromisoformat("2026-11-20T10:00"))
NAMES = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="/"), min_size=1
).filter(lambda name: name not in (".", ".."))


def made(name: str = "team.salesdesk", machine: str = "Europe/Moscow") -> Schedule:
    return digest_schedule.schedule(
        ("/opt/sales desk/salesdesk",), Path("/srv/team") / name, "ru", 545,
        zone=MOSCOW, machine=Zone(machine), now=NOW,
    )  # fmt: skip


@given(NAMES)
def test_a_shell_reads_the_words_of_the_cron_line(name: str) -> None:
    wanted = made(name)
    line = digest_schedule.cron_line(wanted, 1000)
    assert line.startswith("5 9 * * * DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus ")
    command = line.split(" ", 6)[6].rstrip("\n")
    assert "%" not in command.replace(r"\%", "")  # to cron it is the end of the line
    assert tuple(shlex.split(command.replace(r"\%", "%"))) == wanted.words


@given(NAMES)
def test_systemd_reads_the_words_of_the_unit(name: str) -> None:
    wanted = made(name)
    unit = digest_schedule.systemd_units(wanted)["salesdesk-digest.service"]
    [line] = [each for each in unit.splitlines() if each.startswith("ExecStart=")]
    words, said = [], line.removeprefix("ExecStart=")
    while said:  # as systemd.syntax(7) and systemd.service(5) say
        if said.startswith('"'):
            word, at = "", 1
            while said[at] != '"':
                at += said[at] == "\\"
                word, at = word + said[at], at + 1
            said = said[at + 1 :].lstrip(" ")
        else:
            word, _, said = said.partition(" ")
        assert "%" not in word.replace("%%", "")
        assert "$" not in word.replace("$$", "")
        words.append(word.replace("%%", "%").replace("$$", "$"))
    assert tuple(words) == wanted.words


def test_the_timer_knows_the_zone_and_makes_up_for_what_was_missed() -> None:
    timer = digest_schedule.systemd_units(made(machine="Asia/Tokyo"))["salesdesk-digest.timer"]
    assert "OnCalendar=*-*-* 09:05:00 Europe/Moscow\n" in timer
    assert "Persistent=true\n" in timer


def test_the_other_clocks_are_those_of_the_computer() -> None:
    wanted = made(machine="Asia/Tokyo")
    assert digest_schedule.cron_line(wanted, 1).startswith("5 15 * * * ")
    assert "-Daily -At 15:05\n" in digest_schedule.windows_task(wanted)


def test_a_task_of_windows() -> None:
    wanted = Schedule((r"C:\Program Files\it's\salesdesk.exe",), r"C:\Our team\a.salesdesk", "en",
                      "Europe/Moscow", 545, 545)  # fmt: skip
    said = digest_schedule.windows_task(wanted)
    assert r"-Execute 'C:\Program Files\it''s\salesdesk.exe'" in said
    assert r"""-Argument '--workspace "C:\Our team\a.salesdesk" --lang en digest --send'""" in said
    assert "-StartWhenAvailable" in said


def test_a_path_with_a_line_break_cannot_stand_in_a_line() -> None:
    with pytest.raises(Invalid):
        made("a\nb")


def test_the_program_is_one_that_is_there() -> None:
    program = digest_schedule.program_here()
    assert Path(program[0]).is_file()
    assert len(program) == 1 or program[1:] == ("-m", "salesdesk")
