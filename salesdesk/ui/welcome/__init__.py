"""The first minutes: how a person comes to a workspace."""
