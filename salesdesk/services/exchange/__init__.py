"""Files in and out: reading foreign tables, what their columns mean, and the rows refused."""
