"""An address of a list that says what the list does not know: every list answers it alike, with status 422.

A filter that is dropped in silence shows more than was asked for, and an export of it takes more out of the house.
"""

from django.utils.translation import gettext as _

PLACES = ("after", "before", "older", "newer")
STATUS = 422


def wrong_in(form):
    """The parameters that `form` (of request.GET) does not understand, as `{parameter: its label}`."""
    return {name: form.fields[name].label or name for name in form.errors if name in form.fields}


def wrong_word(params, name, label, words):
    """`{name: label}` where the parameter says something that is none of `words`; else nothing."""
    return {name: label} if params.get(name, "") not in ("", *words) else {}


def wrong_place(params):
    """The page of the list that the address names, where that is no place in it."""
    return {name: _("Page") for name in PLACES if name in params}


def refusal(params, wrong, *, path):
    """What components/wrong_filter.html says: the labels in `wrong`, and the list at `path` without those parameters."""
    kept = params.copy()
    for name in (*wrong, *PLACES):
        kept.pop(name, None)
    return {"wrong": list(dict.fromkeys(map(str, wrong.values()))), "without": f"{path}?{kept.urlencode()}".rstrip("?")}
