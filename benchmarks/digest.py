"""A digest: its words, its picture, and what the window feels of it.

Run ``python -m benchmarks.digest``, or with ``--quick`` at a tenth of the size and less.
"""

import argparse
from pathlib import Path

from benchmarks.clock import NOW
from benchmarks.figures import Figure, median, show, timed
from benchmarks.synthetic import Size, workspace
from salesdesk.models.store import Store
from salesdesk.services import digest_days
from salesdesk.services.digest_days import Part


def figures(path: Path, people: int = 200) -> list[Figure]:
    """Text and picture of the seven days and of the month before: read, drawn, encoded."""
    from salesdesk.ui import startup
    from salesdesk.ui.digest import drawing

    startup.application(offscreen_instead=True)
    found: list[Figure] = []
    with Store.open(path) as store:
        today = store.zone.day_of(NOW)

        def read(part: Part) -> drawing.Made:
            with store.read() as r:
                return drawing.read(r, part)

        for kind in (digest_days.DAYS, digest_days.MONTH_BEFORE):
            part = digest_days.part(kind, today)
            assert part is not None
            made = read(part)
            image = drawing.image(made)
            reading = median(timed(lambda part=part: read(part), 5))  # type: ignore[misc]
            drawn = median(timed(lambda made=made: drawing.image(made), 5))  # type: ignore[misc]
            encoded = median(timed(lambda image=image: drawing.fitted(image), 3))  # type: ignore[misc]
            name = f"digest, {kind}, {people} people"
            found += [
                Figure(f"{name}: text", f"{reading:.0f} ms", "-", "-", None),
                Figure(f"{name}: picture", f"{drawn + encoded:.0f} ms", f"{drawn:.0f} ms drawn",
                       "<= 500 ms", drawn + encoded <= 500),
            ]  # fmt: skip
    return found


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="benchmarks.digest", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the size and less")
    quick = options.parse_args().quick
    large = Size(10_000, 100_000, 200) if quick else Size(100_000, 1_000_000, 200)
    show(figures(workspace(large)))
    show(figures(workspace(Size(1_000, 10_000)), 20))


if __name__ == "__main__":
    main()
