"""JSON columns that keep every digit: numbers with a point are decimals on the way in and on the way out."""

import json
from decimal import Decimal

import msgspec
from django.db import models

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class ExactEncoder(json.JSONEncoder):
    """Writes decimals as JSON numbers with all their digits."""

    def encode(self, o):
        return _ENCODER.encode(o).decode()


class ExactDecoder(json.JSONDecoder):
    """Reads JSON numbers with a point as decimals."""

    def __init__(self, **options):
        super().__init__(parse_float=Decimal, **options)


class ExactJSONField(models.JSONField):
    """A JSON column for what a supplier sent."""

    def __init__(self, **options):
        super().__init__(**{"encoder": ExactEncoder, "decoder": ExactDecoder, **options})

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        del options["encoder"], options["decoder"]
        return name, path, args, options
