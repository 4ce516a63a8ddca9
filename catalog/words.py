"""The words a product is found by: what is stored with it, and what a person typed, made alike."""

import re
import unicodedata

LIMIT = 60
_WORD = re.compile(r"[^\W_]+")


def words(text):
    """The words of `text` in the order they stand: case folded, accents taken off, letters and digits only."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return _WORD.findall(plain)


def search_text(*texts):
    """Each word of `texts` once, joined by single spaces, the first ones where there are too many."""
    return " ".join(list(dict.fromkeys(word for text in texts for word in words(text)))[:LIMIT])
