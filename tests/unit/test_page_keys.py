"""The pages that the command line and the scripts know are those of the window."""

from salesdesk.page_keys import PAGES
from salesdesk.ui.pages import specs


def test_the_keys_are_those_of_the_rail() -> None:
    assert list(PAGES) == [spec.key for spec in specs()]
