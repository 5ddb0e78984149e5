"""The shelf of a free pivot: what is counted, by which fields, how, and of what alone."""
