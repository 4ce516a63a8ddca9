"""Pages of a long list by key, not by number: equally fast at any depth, and steady while rows come and go."""

from dataclasses import dataclass

from django.db.models import Q

SIZE = 50
COUNTED = 1000


class OddPlace(Exception):
    """The address names no place in the list."""


@dataclass(frozen=True, slots=True)
class Slice:
    """`rows` in list order; `before` and `after` are the ids to ask for the pages around it with, None at an end."""

    rows: list
    before: int | None
    after: int | None


def slice_of(rows, *, keys, params, size=SIZE):
    """The slice of queryset `rows` that `params` (a QueryDict) asks for with `after=<id>` or `before=<id>`.

    `keys` name the order, the last one unique, each with a leading `-` where it falls. Raises OddPlace
    for an id that no row has, or that is no number.
    """
    is_back = "before" in params and "after" not in params
    edge = _edge(rows.model, keys, params.get("before" if is_back else "after", ""))
    order = [_turned(key) for key in keys] if is_back and edge else keys
    if edge:
        rows = rows.filter(_beyond(order, edge))
    found = list(rows.order_by(*order)[:size + 1])
    more, found = len(found) > size, found[:size]
    if is_back and edge:
        found.reverse()
        return Slice(found, found[0].pk if found and more else None, found[-1].pk if found else None)
    return Slice(found, found[0].pk if found and edge else None, found[-1].pk if found and more else None)


def count_up_to(rows, limit=COUNTED):
    """`(number, whether there are more)`: a count that never reads more than `limit` rows."""
    number = rows.order_by().values("pk")[:limit + 1].count()
    return min(number, limit), number > limit


def link(params, **changes):
    """`?…` of the address' parameters with `changes`, without empty ones and without the page: a new list starts anew."""
    kept = params.copy()
    for name in ("before", "after", *changes):
        kept.pop(name, None)
    for name, value in changes.items():
        kept[name] = value
    for name in [name for name, value in kept.items() if value in (None, "")]:
        del kept[name]
    return f"?{kept.urlencode()}"


def links(params, part):
    """Addresses of the pages around `part`, for components/pager.html; empty where there is none."""
    return {
        "newer": link(params, before=part.before) if part.before else "",
        "older": link(params, after=part.after) if part.after else "",
    }


def _edge(model, keys, given):
    """The key values of the row to go on from."""
    if not given:
        return None
    is_number = given.isascii() and given.isdigit() and len(given) < 19
    edge = is_number and model.objects.filter(pk=given).values(*[key.lstrip("-") for key in keys]).first()
    if not edge:
        raise OddPlace(given[:60])
    return edge


def _turned(key):
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(keys, edge):
    """Rows after the edge, written so that an index on the keys is walked from the edge on: `a >= x AND NOT (...)`."""
    name, falls = keys[0].lstrip("-"), keys[0].startswith("-")
    value = edge[name]
    if len(keys) == 1:
        return Q(**{f"{name}__{'lt' if falls else 'gt'}": value})
    rest = _beyond(keys[1:], edge)
    return Q(**{f"{name}__{'lte' if falls else 'gte'}": value}) & ~(Q(**{name: value}) & ~rest)
