"""Walking a list to its end, or saying plainly why it has none."""

from .errors import Misread

MOST_PAGES = 2000
LONGEST_CURSOR = 2000


def walk(read, *, most=MOST_PAGES):
    """Yield every page of `read(cursor)`. Raises Misread for a list that repeats itself, breaks off or does not end."""
    cursor, seen, before, rows = None, set(), None, 0
    for _ in range(most):
        page = read(cursor)
        if page.items and page.items == before:
            raise Misread("The supplier's list gives the same page twice, so it cannot be read to its end.")
        yield page
        cursor, before, rows = page.next_cursor, page.items, rows + len(page.items)
        if cursor is None:
            _refuse_broken_off(rows, page.total)
            return
        if cursor in seen:
            raise Misread("The supplier's list comes back to a page it gave before, so it cannot be read to its end.")
        seen.add(cursor)
    raise _endless(most)


def page_number(cursor):
    """The number that a cursor of a numbered list stands for; None is page 1."""
    number = int(cursor or 1)
    if number > MOST_PAGES:
        raise _endless(MOST_PAGES)
    return number


def next_cursor(value, asked):
    """A cursor that an answer gave after it was asked for `asked`: a fresh text, or None at the end of the list."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > LONGEST_CURSOR or value == asked:
        raise Misread("The supplier's list gives a cursor that leads nowhere new.", code="cursor")
    return value


def _refuse_broken_off(rows, total):
    """An empty page is the end of a list only where the supplier does not speak of more rows."""
    if total is not None and rows < total:
        raise Misread(f"The supplier's list ended after {rows} of {total} rows.", code="broken_off")


def _endless(most):
    return Misread(f"The supplier's list does not end within {most} pages.", code="endless")
