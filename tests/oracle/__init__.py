"""A slow, independent recomputation of every number of the ranking and of three reports.

Written from the definitions alone, without any code of ``salesdesk.services``; tests compare the
program's answers with it on random histories.
"""
