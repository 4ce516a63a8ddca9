"""Why an order, or a part of one, waits."""

from django.db import models


class ParkReason(models.TextChoices):
    """Nothing has been bought under the present reference."""

    FUNDS = "funds", "Not enough funds"
    PRICE = "price", "Price went up"
    CONFIG = "config", "Supplier refuses our key"
    STOCK = "stock", "Out of stock"
    AGE = "age", "Waited too long"
    APPROVAL = "approval", "Needs approval"
