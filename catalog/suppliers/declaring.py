"""What an API needs to be connected: the credentials and the adjustable settings that an adapter declares.

A parser takes what a person or a JSON column gave, text or already parsed, and returns the value or raises ValueError
with a plain sentence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret that a connection needs: what staff call it, and where they find it."""

    label: str
    help: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One adjustable value of an adapter. `default` is final: it needs no parsing."""

    label: str
    default: object
    help: str
    parse: Callable[[object], object]


def complete(declared: Mapping[str, Setting], given: Mapping[str, object]):
    """`given` (parsed values) with the defaults of what is missing; names that are not declared are left out."""
    return {name: given.get(name, setting.default) for name, setting in declared.items()}


def text_of(value):
    """A value of a setting as a person would type it: the parsers read it back."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={text_of(one)}" for key, one in value.items())
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def decimal_between(lowest, highest):
    """A parser of a decimal number from `lowest` to `highest`."""
    def parse(given):
        try:
            value = Decimal(str(given))
        except InvalidOperation:
            value = Decimal("NaN")
        if not (value.is_finite() and Decimal(lowest) <= value <= Decimal(highest)):
            raise ValueError(f"give a number from {lowest} to {highest}")
        return value
    return parse


def whole_between(lowest, highest):
    """A parser of a whole number from `lowest` to `highest`."""
    def parse(given):
        text = str(given).strip()
        if not (text.isascii() and text.isdigit() and lowest <= int(text[:12]) <= highest):
            raise ValueError(f"give a whole number from {lowest} to {highest}")
        return int(text)
    return parse


def one_of(*words):
    """A parser of one of the given words."""
    def parse(given):
        if given not in words:
            raise ValueError(f"give one of: {', '.join(word or '(empty)' for word in words)}")
        return given
    return parse


def path(*names):
    """A parser of a path below the base address that holds exactly the placeholders `names`."""
    def parse(given):
        text = str(given).strip()
        plain = re.sub(r"\{\w+\}", "", text)
        if not re.fullmatch(r"(/[A-Za-z0-9._~{}-]*)+", text) or ".." in text or "{" in plain or "}" in plain:
            raise ValueError("give a path that starts with / and holds letters, digits and - . _ ~ only")
        if sorted(re.findall(r"\{(\w+)\}", text)) != sorted(names):
            holders = " and ".join(f"{{{name}}}" for name in names) or "no {placeholder}"
            raise ValueError(f"the path must hold {holders}")
        return text
    return parse
