"""Whether every page, row and reference of a workspace file is as it was written."""

from pathlib import Path

from salesdesk.models import judge, sqlite

_MOST = 20


def faults_of(path: Path, *, quick: bool = False) -> list[str]:
    """What is wrong with the file, in SQLite's words, at most twenty lines; empty when it is sound.

    Checks the checksum of every page, the structure (``quick`` skips comparing indexes with their
    tables) and foreign keys. Raises SalesDeskError when it is no workspace at all.
    """
    judge.check_openable(path)
    connection = sqlite.connect(path, read_only=True)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check")]
        if not found:
            check = "quick_check" if quick else "integrity_check"
            rows = connection.execute(f"PRAGMA {check}({_MOST})").fetchall()
            found = [str(row[0]) for row in rows if row[0] != "ok"]
        if not found:
            rows = connection.execute("PRAGMA foreign_key_check").fetchall()
            found = [
                f"{table} row {row} names a missing {parent}" for table, row, parent, _ in rows
            ]
    except sqlite.DatabaseError as error:
        found = [str(error)]
    finally:
        connection.close()
    return found[:_MOST]
