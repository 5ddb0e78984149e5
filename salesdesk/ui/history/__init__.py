"""The history page: everything that happened, and taking any of it back."""
