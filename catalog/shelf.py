"""Rows put aside until the walk that found them is whole: in an unnamed file, because a catalog may outgrow memory."""

import pickle
import weakref
from collections import Counter
from tempfile import SpooledTemporaryFile

from .mirroring import Row

IN_MEMORY = 512 * 1024  # what is smaller never becomes a file


class Shelf:
    """Rows that all have the same columns, each ref once: where one comes again, the later row stands."""

    def __init__(self):
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it lives as long as the shelf
        weakref.finalize(self, self._file.close)
        self._refs, self._earlier = set(), Counter()
        self._written, self._names = 0, ()

    def put(self, row):
        self.drop(row.ref)
        self._refs.add(row.ref)
        self._names = self._names or tuple(row.columns)
        pickle.dump((row.ref, row.digest, *row.columns.values()), self._file, pickle.HIGHEST_PROTOCOL)
        self._written += 1

    def drop(self, ref):
        """Take the row of `ref` away again, if there is one."""
        if ref in self._refs:
            self._refs.remove(ref)
            self._earlier[ref] += 1

    def __len__(self):
        return len(self._refs)

    def __iter__(self):
        """The rows in the order they came, read one by one; once nothing is put here any more, and once at a time."""
        earlier = Counter(self._earlier)
        self._file.seek(0)
        for _ in range(self._written):
            ref, digest, *values = pickle.load(self._file)  # noqa: S301 - written by us, into a file that nobody can open
            if earlier[ref]:
                earlier[ref] -= 1
            else:
                yield Row(ref, dict(zip(self._names, values, strict=True)), digest)
