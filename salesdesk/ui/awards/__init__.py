"""Awards: the hall of past winners, what is proposed for the last quarter, certificates."""
