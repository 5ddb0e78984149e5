"""Building a wheel: compile the translations and take ``resources/`` along.

An editable install needs neither: it finds ``resources/`` beside the package, and ``make`` compiles
the translations.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ResourcesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before each build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add ``resources/``, with fresh ``.mo`` files, to a wheel that is not editable."""
        if self.target_name != "wheel" or version == "editable":
            return
        resources = Path(self.root, "resources")
        for po in sorted(resources.glob("translations/*/LC_MESSAGES/*.po")):
            with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
                write_mo(target, read_po(source, locale=po.parts[-3]))
        build_data["force_include"][str(resources)] = "salesdesk/resources"
