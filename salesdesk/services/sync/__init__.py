"""The background sync with a CRM: remotes, the queue, pulling, merging, the worker; no Qt here.

Read ``remote`` first: what a remote must be able to do. ``docs/sync.md`` tells the rules in prose.
"""
