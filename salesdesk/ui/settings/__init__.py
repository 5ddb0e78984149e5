"""The settings page: a list of sections at the left, one of them at the right."""
