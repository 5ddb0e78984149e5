"""The team lead's control desk."""
