"""SalesDesk: deals, tasks and the ranking of a sales team, on the team's own machine."""

__version__ = "0.1.0"
