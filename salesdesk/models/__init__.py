"""The tables, the store with its log, and migrations."""
