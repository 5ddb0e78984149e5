"""The parts that pages are built of; see docs/ui.md for the catalogue."""
