"""The digest: printed, written into a folder, or sent."""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesdesk.commands import Answer, WrongUsage
from salesdesk.commands.session import Session
from salesdesk.commands.values import day_given, file_given, iso_day
from salesdesk.errors import NotFound, Reason, Refused, SalesDeskError
from salesdesk.text import N_, tr

if TYPE_CHECKING:
    from salesdesk.models.store import Reader, Store
    from salesdesk.services.digest import Digest, Target
    from salesdesk.services.digest_days import Part
    from salesdesk.services.digest_sending import Outcome, Sender

#: A digest, the places it is for, and whether it is sent again to those that have it.
Work = list[tuple["Part", tuple["Target", ...], bool]]


def digest_arguments(parser: argparse.ArgumentParser) -> None:
    """``digest [--send [--again] [--to NAME]] [--date DATE] [--output FOLDER]``."""
    parser.add_argument(
        "--send", action="store_true",
        help=tr("send what is due and was not sent yet; without it nothing goes out"),
    )  # fmt: skip
    parser.add_argument(
        "--date", type=day_given, metavar=tr("DATE"), help=tr("the day it is of (default: today)")
    )
    parser.add_argument(
        "--output",
        type=file_given,
        metavar=tr("FOLDER"),
        help=tr("write pictures and texts into this folder"),
    )
    parser.add_argument("--to", metavar=tr("NAME"), help=tr("send it only to this place"))
    parser.add_argument(
        "--again", action="store_true",
        help=tr("send it again where it went already, or may have arrived"),
    )  # fmt: skip


def run_digest(session: Session, options: argparse.Namespace) -> Answer:
    """The digests of a day: printed with what became of them, or sent."""
    from salesdesk.services import digest

    for option, given in (("--to", options.to is not None), ("--again", options.again)):
        if given and not options.send:
            raise WrongUsage(tr("{option} goes with {other} alone.", option=option, other="--send"))
    with session.store() as store:
        now = session.now(store.zone)
        if options.send:
            return _send(session, options, store, now)
        with store.read() as r:
            day = store.zone.day_of(now) if options.date is None else options.date
            off = digest.days_off(r)(day)
            found = [_composed(r, part) for part in digest.parts(r, day, now=now)]
            places = _places(r, found)
            files = {} if options.output is None else _written(r, found, Path(options.output))
    document = {"date": iso_day(day), "day_off": off, "digests": [
        {**_told(each), **({"files": files[each.part.kind]} if files else {}),
         "places": places.get(each.part.kind, [])}
        for each in found
    ]}  # fmt: skip
    return Answer(document, lambda: _printed(found, files, off))


def _composed(r: "Reader", part: "Part") -> "Digest":
    """The words of a digest; no picture, so no Qt."""
    from salesdesk.services import digest, ranking

    answer = ranking.ranking(r, part.period, now=part.as_of(r.zone))
    return digest.composed(r, part, answer)


def _told(digest: "Digest") -> dict[str, Any]:
    from salesdesk.services import digest_text

    shown = digest.part.shown()
    return {
        "kind": digest.part.kind,
        "from": iso_day(shown.first_day),
        "to": iso_day(shown.last_day),
        "text": digest_text.plain(digest.text),
        "html": digest_text.html(digest.text),
    }


def _places(r: "Reader", found: Sequence["Digest"]) -> dict[str, list[dict[str, Any]]]:
    """What became of the digests of the day so far, by kind."""
    from salesdesk.services import digest, digest_sending

    names = {each.id: each.name for each in digest.targets(r)}
    days = sorted({each.part.day for each in found})
    known: dict[str, list[dict[str, Any]]] = {}
    for record in digest_sending.records(r, days=days) if days else []:
        if record.target_id in names:
            place = _place(names[record.target_id], record.outcome)
            known.setdefault(record.kind, []).append(place)
    return known


def _place(name: str, outcome: "Outcome") -> dict[str, Any]:
    return {"place": name, "state": outcome.state, "message": outcome.words() or None}


def _written(r: "Reader", found: Sequence["Digest"], folder: Path) -> dict[str, list[str]]:
    """Write pictures and texts; the files by kind."""
    from salesdesk.services import digest_files
    from salesdesk.ui.digest import drawing

    files: dict[str, list[str]] = {}
    for each in found:
        made = drawing.read(r, each.part)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            paths = digest_files.write(str(folder.absolute()), made.digest, drawing.png(made))
        except OSError as error:
            raise SalesDeskError(
                N_("The digest was not written"),
                N_("{folder} cannot be written ({reason}); nothing was changed."),
                folder=str(folder), reason=Reason(error),
            ) from error  # fmt: skip
        files[each.part.kind] = [str(path) for path in paths]
    return files


def _printed(found: Sequence["Digest"], files: dict[str, list[str]], off: bool) -> str:
    from salesdesk.services import digest_text

    texts = [digest_text.plain(each.text) for each in found]
    texts += [tr("Written to {file}.", file=path) for each in files.values() for path in each]
    if off:
        texts.append(tr("This day is off: nothing is sent by itself."))
    return "\n\n".join(texts)


# -- sending --------------------------------------------------------------------------------------


def _send(session: Session, options: argparse.Namespace, store: "Store", now: int) -> Answer:
    from salesdesk.services import digest_sending

    digest_sending.settle_cut_off(store, now=now)
    person = session.person(store)
    sender = digest_sending.Sender(
        write=lambda run: run(store),
        clock=lambda: session.now(store.zone),
        bot=lambda: digest_sending.bot_of(store),
        person=person,
        origin="cli",
    )
    with store.read() as r:
        work, skipped = _work(r, options, now)
    for part, target in skipped:
        digest_sending.skip(store, part, target.id, now=now)
    results = [line for part, places, repeat in work
               for line in _send_part(store, sender, part, places, repeat)]  # fmt: skip
    document = {"date": iso_day(options.date or store.zone.day_of(now)), "sent": results}
    text = "\n".join(_line(each) for each in results) or tr("Nothing is due; nothing was sent.")
    return Answer(document, text, _trouble(results))


def _work(
    r: "Reader", options: argparse.Namespace, now: int
) -> tuple[Work, list[tuple["Part", "Target"]]]:
    """What is to go where, and what was missed and is only noted."""
    from salesdesk.services import digest, digest_sending

    places = [each for each in digest.targets(r) if each.active]
    if options.to is not None:
        places = [_named(places, options.to)]
    if not places:
        raise Refused(N_("The digest has nowhere to go: add a chat or a folder in the settings."))
    if options.date is not None or options.again:
        day = options.date or r.zone.day_of(now)
        parts = digest.parts(r, day, now=now)
        return [(part, tuple(places), options.again) for part in parts], []
    chosen = {each.id for each in places}
    work: Work = []
    skipped: list[tuple[Part, Target]] = []
    for each in digest_sending.owed(r, now=now, any_hour=True):
        going = tuple(target for target in each.targets if target.id in chosen)
        if each.skips:
            skipped += [(each.part, target) for target in going]
        elif going:
            work.append((each.part, going, False))
    return work, skipped


def _named(places: Sequence["Target"], name: str) -> "Target":
    from salesdesk import names

    for each in places:
        if names.key(each.name) == names.key(name):
            return each
    raise NotFound(N_("The digest has no place called “{name}” that is in use."), name=name)


def _send_part(
    store: "Store", sender: "Sender", part: "Part", places: Sequence["Target"], repeat: bool
) -> list[dict[str, Any]]:
    from salesdesk.services import digest_sending
    from salesdesk.ui.digest import drawing

    with store.read() as r:
        made = drawing.read(r, part)
    picture = drawing.png(made)
    about = {"kind": part.kind, "date": iso_day(part.day)}
    return [
        {**about, **_place(target.name, digest_sending.send(
            sender, made.digest, picture, target, repeat=repeat
        ))}
        for target in places
    ]  # fmt: skip


def _line(result: dict[str, Any]) -> str:
    from salesdesk.services.digest_days import KINDS
    from salesdesk.services.digest_sending import STATES

    state = tr(STATES[result["state"]])
    day = date.fromisoformat(result["date"])
    said = f"{tr(KINDS[result['kind']])}, {day.isoformat()} → {result['place']}: {state}"
    return f"{said}. {result['message']}" if result["message"] else said


def _trouble(results: Sequence[dict[str, Any]]) -> SalesDeskError | None:
    """What a scheduler is told: status 1 when something did not arrive for certain."""
    from salesdesk.services.digest_sending import FAILED, UNKNOWN

    bad = [each for each in results if each["state"] in (FAILED, UNKNOWN)]
    if not bad:
        return None
    return SalesDeskError(
        N_("The digest did not arrive everywhere"),
        N_("{place}: {what}"), place=bad[0]["place"], what=bad[0]["message"] or "",
    )  # fmt: skip
