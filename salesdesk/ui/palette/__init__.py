"""The palette (Ctrl+K): deals, clients, tasks, people, notes and commands in one list."""
