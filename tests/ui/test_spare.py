"""What a start leaves out of PySide, or takes from an earlier one, is missed by nobody."""

import enum
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from PySide6 import QtCore, QtGui, QtWidgets

from salesdesk.models import places
from salesdesk.ui import compiled, quick_enums
from salesdesk.ui.quick_enums import told

_TELLING = """
import json, sys
from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from shibokensupport.signature import get_signature

def wrong(run):
    try:
        run()
    except Exception as error:
        return [type(error).__name__, str(error)]

class Sender(QObject):
    sent = Signal(int)

app = QApplication(["told"])
told = [
    QWidget.setWindowTitle.__doc__, QTimer.singleShot.__doc__, QColor.__doc__, QLabel.__doc__,
    str(get_signature(QWidget.move)), str(get_signature(QPoint)), QPoint.__doc__,
    wrong(lambda: QWidget().setWindowTitle(3)), wrong(lambda: QLabel().setText()),
    wrong(lambda: QTimer.singleShot("soon")), wrong(lambda: QPoint(1, 2, 3)),
    wrong(lambda: QWidget(colour=3)), wrong(lambda: Sender().sent.emit()),
    wrong(lambda: Qt.Key(-17)), repr(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop),
    repr(QWidget.move), [str(one) for one in Qt.CheckState], dir(Qt.ItemFlag),
]
"""
_HOW = """
import builtins
kept = compiled._kept
told = {
    "known": len(kept._known), "fresh": len(kept._fresh), "stubs": len(vars(sys.modules[
        "shibokensupport.signature.lib.pyi_generator"])) < 12,
    "later": type(sys.modules["shibokensupport.signature.parser"].arglistParser._finditer
        .__self__).__name__,
    "import": builtins.__import__ is builtins.__orig_import__,
    "compile": builtins.compile is compiled._plain,
}
"""
_PRINT = "\nprint(json.dumps(told))"


def _python(text: str) -> Any:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, env=environment, check=True,
        timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def _begun(folder: Path) -> str:
    return (
        "import pathlib, sys, json\nfrom salesdesk.ui import compiled\n"
        f"compiled.begin(pathlib.Path({str(folder)!r}))\nimport salesdesk.ui.spare\n"
        "from salesdesk.ui import theme\n"
    )


def _start(folder: Path) -> dict[str, Any]:
    """How a start went that keeps what it compiled in ``folder``."""
    answer: dict[str, Any] = _python(f"{_begun(folder)}{_HOW}\ncompiled.keep(){_PRINT}")
    return answer


# -- PySide's own sources -------------------------------------------------------------------------


def test_wrong_calls_are_told_as_ever(tmp_path: Path) -> None:
    """Doc strings, signatures, errors and enumerations do not differ from a bare PySide's."""
    bare = _python(_TELLING + _PRINT)
    assert _python(_begun(tmp_path) + _TELLING + "\ncompiled.keep()" + _PRINT) == bare
    assert _python(_begun(tmp_path) + _TELLING + _PRINT) == bare, "from what was kept"
    assert any("setWindowTitle" in str(each) for each in bare)


def test_a_second_start_compiles_nothing(tmp_path: Path) -> None:
    """And this PySide still has what is spared."""
    first, second = _start(tmp_path), _start(tmp_path)
    assert (first["known"], second["fresh"]) == (0, 0)
    assert second["known"] == first["fresh"] > 20
    for start in (first, second):
        assert start["later"] == "_Later"
        assert all(start[each] for each in ("stubs", "import", "compile"))
    (file,) = tmp_path.iterdir()
    assert b"shibokensupport/signature/parser.py" in file.read_bytes()


@pytest.mark.parametrize("broken", ["cut", "turned", "of another Python", "empty", "a folder"])
def test_what_cannot_be_used_is_compiled_anew(tmp_path: Path, broken: str) -> None:
    """Nor does it stay."""
    kept = compiled.Compiled(tmp_path / "kept")
    kept.code("a", "x = 1")
    kept.keep()
    file = tmp_path / "kept"
    content = file.read_bytes()
    assert compiled.Compiled(file)._known
    if broken == "a folder":
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes({
            "cut": content[:-3], "empty": b"",
            "turned": content[:-3] + bytes([content[-3] ^ 1]) + content[-2:],
            "of another Python": content.replace(b"3.", b"4.", 1),
        }[broken])  # fmt: skip
    again = compiled.Compiled(file)
    assert not again._known
    space: dict[str, Any] = {}
    again.execute("x = 1", space)
    assert space["x"] == 1
    assert again.code("a", "x = 1").co_consts == kept.code("a", "x = 1").co_consts
    again.keep()
    assert broken == "a folder" or compiled.Compiled(file)._known


def test_a_start_needs_no_folder_to_keep_it_in(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"")
    assert _start(tmp_path / "here")["fresh"] > 20


def test_code_of_somebody_else_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = compiled.Compiled(tmp_path / "kept")
    kept.code("a", "x = 1")
    kept.keep()
    monkeypatch.setattr(os, "getuid", lambda: 4711, raising=False)
    assert not compiled.Compiled(tmp_path / "kept")._known


def test_what_is_kept_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_MOST", 3)
    for at in range(3):
        kept = compiled.Compiled(tmp_path / "kept")
        for each in range(2):
            kept.code("a", f"x = {at} + {each}")
        kept.keep()
        assert len(compiled.Compiled(tmp_path / "kept")._known) == 2
    with pytest.raises(SyntaxError, match="invalid syntax"):
        kept.code("here.py", "x =")


def test_folders_are_those_of_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is not asked at a start on Linux."""
    monkeypatch.delenv("SALESDESK_HOME", raising=False)
    kinds = ("config", "data", "cache")
    for given in (None, "/elsewhere", "not/absolute", ""):
        for home in ("/people/anna", "", "not/absolute"):
            monkeypatch.setenv("HOME", home)
            for kind in kinds:
                name = f"XDG_{kind.upper()}_HOME"
                if given is None:
                    monkeypatch.delenv(name, raising=False)
                else:
                    monkeypatch.setenv(name, given)
                usual = getattr(platformdirs, f"user_{kind}_path")("SalesDesk", appauthor=False)
                assert getattr(places, f"{kind}_folder")() == usual
    monkeypatch.setenv("SALESDESK_HOME", "/mine")
    assert places.cache_folder() == Path("/mine/cache")


# -- enumerations ---------------------------------------------------------------------------------


def _enumerations() -> Iterator[Any]:
    """Those of Qt that are used here or large, and of each kind."""
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            kind = getattr(module, name)
            if isinstance(kind, enum.EnumType):
                yield kind
            elif isinstance(kind, type) and name[0] == "Q":
                yield from (one for one in vars(kind).values() if isinstance(one, enum.EnumType))


def test_every_enumeration_of_qt_is_what_enum_makes() -> None:
    """Made quickly or not: to the last attribute of the class and of its members."""
    seen, quick = 0, 0
    for one in _enumerations():
        base = one.__mro__[1]
        names = [(name, int(member.value)) for name, member in one.__members__.items()]
        slow = quick_enums._slow(base, one.__name__, names, module="m", boundary=enum.KEEP)
        made = quick_enums._Maker(base).make(one.__name__, names, "m")
        if made is not None:
            quick += 1
            assert told(made) == told(slow), one
        seen += 1
        assert {n: (m.value, m.name) for n, m in one.__members__.items()} == {
            n: (m.value, m.name) for n, m in slow.__members__.items()
        }
        assert [m.value for m in one] == [m.value for m in slow]
    assert seen > 500
    assert quick > 0.9 * seen


@pytest.mark.parametrize("base", [enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag])
def test_they_behave_as_ever(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [("A", 1), ("B", 2), ("Same", 1), ("Both", 3), ("None_", 0), ("D", 8)]
    made = quick_enums._Maker(base).make("Made", names, __name__)
    slow = quick_enums._slow(base, "Made", names, module=__name__, boundary=enum.KEEP)

    prepare: Any = enum.EnumType.__prepare__

    def tell(one: Any) -> list[Any]:
        monkeypatch.setattr(sys.modules[__name__], "Made", one, raising=False)
        found = [
            repr(one), repr(one.A), str(one.B), f"{one.B}", one.Same is one.A, one["D"] is one.D,
            one(8) is one.D, len(one), list(one.__members__), one.A in one, hash(one.D),
            [each.name for each in one], pickle.loads(pickle.dumps(one.B)) is one.B,  # noqa: S301
            sorted(dir(one)), bool(one.None_), one.A == 1, one.Same == one.A, one.A != one.B,
        ]  # fmt: skip
        if issubclass(base, enum.Flag):
            found += [
                repr(one.A | one.B), (one.A | one.B) is one.Both, repr(~one.A), one.A in one.Both,
                repr(one.A ^ one.Both), [each.name for each in one.Both], repr(one(16) | one.A),
                repr(one(5)), (one.Both & one.B) is one.B,
            ]  # fmt: skip
        else:
            with pytest.raises(ValueError, match="77 is not a valid Made"):
                one(77)
        with pytest.raises(AttributeError):
            one.A = 3
        with pytest.raises(AttributeError):
            del one.A
        with pytest.raises(TypeError, match="cannot extend"):
            prepare("More", (one,))
        return found

    assert told(made) == told(slow)
    assert tell(made) == tell(slow)


@pytest.mark.parametrize(
    "names",
    [
        [("name", 1)], [("value", 1)], [("mro", 1)], [("_a", 1)], [("__b", 1)], [("", 1)],
        [("A", 1), ("A", 2)], [("A", "text")], [("A", True)], [("A", (1, 2))],
        [("A", enum.auto())],
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_enum(names: list[Any]) -> None:
    for base in (enum.Enum, enum.IntEnum):
        assert quick_enums._Maker(base).make("X", names, "m") is None


def test_flags_that_are_not_in_order_or_negative_are_left_to_enum() -> None:
    maker = quick_enums._Maker(enum.Flag)
    assert maker.make("X", [("B", 2), ("A", 1)], "m") is None
    assert maker.make("X", [("A", 1), ("All", -1)], "m") is None
    assert maker.make("X", [], "m") is not None


def test_where_enum_is_another_it_goes_on_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample that comes out otherwise is noticed, and nothing is made quickly then."""
    monkeypatch.setattr(quick_enums, "told", lambda made: [id(made)])
    maker = quick_enums._Maker(enum.Enum)
    assert not maker.holds
    monkeypatch.setitem(quick_enums._makers, enum.Enum, maker)
    functional: Any = enum.Enum
    made = functional("Made", [("A", 1)], boundary=enum.KEEP)
    assert made.A.value == 1
    assert made.__module__ == __name__
