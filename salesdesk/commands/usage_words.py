"""What ``argparse`` says by itself, in the chosen language: it asks gettext's own catalogue, which
has nothing of ours."""

import argparse

from salesdesk.text import N_, language, tr

#: Texts of argparse, marked for translation; one that another Python words otherwise stays English.
TEXTS = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("subcommands"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("not allowed with argument %s"),
    N_("ignored explicit argument %r"),
    N_("one of the arguments %s is required"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
)


def install() -> None:
    """Let argparse speak the chosen language; texts that are not marked stay as they are."""
    setattr(argparse, "_", _said)  # noqa: B010 - a name that its stubs do not tell


def _said(text: str) -> str:
    return tr(text) if language() != "en" and text in TEXTS else text
