"""Signs of life of the machinery itself."""

from django.db import models


class Heartbeat(models.Model):
    """`name` is a queue or schedule; `at` is when it last really did something."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    detail = models.CharField(max_length=200, blank=True)
