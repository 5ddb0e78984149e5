"""The palette (Ctrl+K): records of every kind and commands in one list."""
