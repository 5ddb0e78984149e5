"""Forms about a task, shared by the panel of a deal and the page of tasks."""
