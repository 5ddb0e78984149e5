"""The page of tasks."""
