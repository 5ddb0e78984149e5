"""Why something failed, in words of the chosen language."""

import errno

import pytest

from salesdesk.errors import Invalid, Reason
from salesdesk.text import set_language


@pytest.mark.parametrize(
    ("error", "english", "russian"),
    [
        (FileNotFoundError(errno.ENOENT, "?"), "No such file or directory", "нет такого файла"),
        (PermissionError(errno.EACCES, "?"), "Permission denied", "нет прав"),
        (OSError(errno.ENOSPC, "?"), "No space left on device", "нет места на диске"),
        (OSError(9999, "Something of this system"), *["Something of this system"] * 2),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "?"), "it is not UTF-8", "это не UTF-8"),
        (ValueError("line 3"), "line 3", "line 3"),
    ],
)
def test_a_reason_is_said_in_the_language_of_now(
    error: Exception, english: str, russian: str
) -> None:
    told = Invalid("{file}: {reason}", file="a.csv", reason=Reason(error))
    assert told.text() == f"a.csv: {english}"
    set_language("ru")
    assert told.text().startswith(f"a.csv: {russian}")
