"""The deal that opens beside the board."""
