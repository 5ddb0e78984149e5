"""The page of clients: list, panel of one client, likely duplicates, merging."""
