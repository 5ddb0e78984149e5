"""The page that brings a file in: what it is, what its columns mean, what would come of it."""
