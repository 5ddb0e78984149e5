"""Closing months: what is kept, what has changed since, and the bonuses that follow."""
