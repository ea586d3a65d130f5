"""Programs to read and to run: ``python -m millstream.examples`` lists them.

Those of the seeds are what aiochan, aiter, sav.channels and the tutorial on asynchronous iterators show their readers, with
the import changed; those under ``native`` do common tasks with millstream's own names.
"""
