"""Commands that ``docs/cli.md`` promises and this version does not have yet: their arguments are
read, and one sentence says so."""

import argparse

from salesdesk.commands import Answer, WrongUsage, add_json
from salesdesk.commands.session import Session
from salesdesk.commands.values import count_given
from salesdesk.errors import NotBuilt
from salesdesk.text import N_, tr


def sync_arguments(parser: argparse.ArgumentParser) -> None:
    """``sync connect|status|run|queue|disconnect``."""
    group = parser.add_subparsers(dest="action", required=True, metavar=tr("ACTION"))
    connect = group.add_parser("connect", help=tr("connect to a remote CRM"), allow_abbrev=False)
    connect.add_argument("remote", choices=("bitrix24", "amocrm"))
    connect.add_argument("--url", metavar="BASE", help=tr("the address of the account"))
    connect.add_argument(
        "--webhook-stdin", action="store_true", help=tr("read the webhook from standard input")
    )
    connect.add_argument(
        "--token-stdin", action="store_true", help=tr("read the token from standard input")
    )
    connect.add_argument("--accept-mapping", action="store_true", help=tr("ask nothing"))
    connect.add_argument("--create-fields", action="store_true", help=tr("make fields there"))
    connect.add_argument("--pipeline", action="append", help=tr("sync only this pipeline"))
    status = group.add_parser("status", help=tr("how the sync stands"), allow_abbrev=False)
    run = group.add_parser("run", help=tr("one full round"), allow_abbrev=False)
    run.add_argument("--dry-run", action="store_true", help=tr("only say what would be done"))
    queue = group.add_parser("queue", help=tr("what waits, failed or conflicts"))
    _queue_arguments(queue)
    disconnect = group.add_parser("disconnect", help=tr("end the connection"), allow_abbrev=False)
    for sub in (connect, status, run, queue, disconnect):
        add_json(sub)


def _queue_arguments(queue: argparse.ArgumentParser) -> None:
    steps = queue.add_subparsers(dest="step", metavar=tr("ACTION"))
    for name in ("retry", "discard", "resolve"):
        step = steps.add_parser(name, allow_abbrev=False)
        step.add_argument("id", type=count_given, metavar="ID")
        if name == "resolve":
            step.add_argument("--take", choices=("ours", "theirs"), required=True)
        add_json(step)


def run_sync(session: Session, options: argparse.Namespace) -> Answer:
    """Not there yet."""
    if options.action == "connect":
        _check_connect(options)
    raise NotBuilt(N_("Synchronisation is not part of this version yet; nothing was sent."))


def _check_connect(options: argparse.Namespace) -> None:
    if options.remote == "bitrix24" and (not options.webhook_stdin or options.token_stdin):
        raise WrongUsage(tr("connect bitrix24 needs --webhook-stdin"))
    if options.remote == "amocrm" and not (options.url and options.token_stdin):
        raise WrongUsage(tr("connect amocrm needs --url and --token-stdin"))
