"""Signs of life of the machinery itself, and what of its work is next due."""

from django.db import models


class Heartbeat(models.Model):
    """`name` is a queue, a loop or a piece of regular work (`probe:3`); `at` is when it was last begun.

    Regular work is claimed by moving `at` (see `monitoring.rounds`), so these rows tell what is due, not the queue.
    """

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    detail = models.CharField(max_length=200, blank=True)

    def __str__(self):
        return self.name
