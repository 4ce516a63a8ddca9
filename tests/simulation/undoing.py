"""Blocks after which the database is as it was before them."""

from django.db import transaction


class Undone(transaction.Atomic):
    """Whatever the block did to the database is rolled back at its end.

    It counts as the test's own block, so that durable ones may open inside it and a supplier may be called.
    """

    def __init__(self):
        super().__init__(using=None, savepoint=True, durable=False)
        self._from_testcase = True

    def __exit__(self, kind, error, trace):
        super().__exit__(_Undo, _Undo(), None)


class _Undo(Exception):
    pass
