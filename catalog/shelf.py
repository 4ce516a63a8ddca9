"""Rows put aside until the walk that found them is whole: in an unnamed file, because a catalog may outgrow memory."""

import pickle
import weakref
from tempfile import SpooledTemporaryFile

from .mirroring import Row

IN_MEMORY = 512 * 1024  # what is smaller never becomes a file


class Shelf:
    """Rows that all have the same columns, each ref once: where one comes again, the later row stands."""

    def __init__(self):
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it lives as long as the shelf
        weakref.finalize(self, self._file.close)
        self._written, self._names = 0, ()
        self._stands = {}  # of a ref that came again: the number of its row that stands

    def put(self, row, *, is_first=True):
        """Put `row` here; `is_first` tells that its ref was never put here before."""
        if not is_first:
            self._stands[row.ref] = self._written
        self._names = self._names or tuple(row.columns)
        pickle.dump((row.ref, row.digest, *row.columns.values()), self._file, pickle.HIGHEST_PROTOCOL)
        self._written += 1

    def drop(self, ref):
        """Let no row of `ref` stand."""
        self._stands[ref] = None

    def __iter__(self):
        """The rows in the order they came, read one by one; once nothing is put here any more, and once at a time."""
        self._file.seek(0)
        for number in range(self._written):
            ref, digest, *values = pickle.load(self._file)  # noqa: S301 - written by us, into a file that nobody can open
            if self._stands.get(ref, number) == number:
                yield Row(ref, dict(zip(self._names, values, strict=True)), digest)
