"""Stored tables: what was measured once, kept in assets/results, and read by pages and figures.

One module a kind of table: `equivariance` (errors of every network), `kept_errors` (those of
single digits, for pairs of networks), `sweeps` (what a sweep measured, with the views
`isr` and `learned` of two of them). `codec` turns typed lines into text and back.
"""
