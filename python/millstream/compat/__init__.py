"""Modules with the names and the ways of other channel libraries, over millstream's engine.

A program written for one of them runs when its import is changed; where the original loses items, hangs or swallows
errors, these do not.
"""
