"""Pieces of work: each a function of a home and a file that returns the figures of its result.

Imports that cost something stand inside them: they are part of the work.
"""
