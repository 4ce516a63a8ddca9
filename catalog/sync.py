"""Mirroring a supplier's catalog: one walk, published whole or not at all.

One sync of a supplier runs at a time. A run whose worker died is noticed by its still heart and taken over.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from . import gateway, publishing, repricing, walking
from .known import Known
from .models import SyncRun
from .suppliers import ports

logger = logging.getLogger(__name__)

# A page may take its deadline and two more tries; a run that was silent for longer is dead.
STALE_AFTER = timedelta(minutes=5)
HEARTBEAT_EVERY = timedelta(seconds=1)
WAITING = "waiting"


class AlreadyRunning(Exception):
    """Another sync of this supplier is running: `run`."""

    def __init__(self, run):
        self.run = run
        super().__init__(f"A sync of {run.supplier.name} is running since {run.started_at:%H:%M:%S} UTC.")


def sync(*, supplier, now, started_by="schedule", prices_only=False, clock=timezone.now, on_progress=None):
    """Mirror the catalog of `supplier` now, or only its prices; the finished SyncRun, complete or failed. Raises
    AlreadyRunning.
    """
    run = begin(supplier=supplier, started_by=started_by, prices_only=prices_only, now=now)
    return carry_out(run=run, clock=clock, on_progress=on_progress)


def begin(*, supplier, started_by, now, prices_only=False):
    """A SyncRun that waits to be carried out; a dead run is marked failed first. Raises AlreadyRunning."""
    running = SyncRun.objects.filter(supplier=supplier, status=SyncRun.Status.RUNNING)
    running.filter(heartbeat_at__lt=now - STALE_AFTER).update(
        status=SyncRun.Status.FAILED, finished_at=now,
        error="Its worker stopped without a word, and a later sync took over. Nothing was published.")
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                supplier=supplier, started_by=started_by[:150], prices_only=prices_only, started_at=now,
                heartbeat_at=now, stage=WAITING)
    except IntegrityError:
        other = running.select_related("supplier").first()
        if other is None:
            return begin(supplier=supplier, started_by=started_by, prices_only=prices_only, now=now)
        raise AlreadyRunning(other) from None


def carry_out(*, run, clock=timezone.now, on_progress=None):
    """Walk and publish a run that waits; the run as it ended. One that somebody else carries out is left alone."""
    claim = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.RUNNING, stage=WAITING)
    if not claim.update(stage="starting", heartbeat_at=clock()):
        run.refresh_from_db()
        return run
    heart = _Heart(run, clock, on_progress)
    try:
        _mirror(run, heart)
    except publishing.Overtaken:
        logger.warning("sync run %s was overtaken and published nothing", run.pk)
    except (gateway.NotConnected, walking.Incomplete) as error:
        heart.stop(str(error))
    except DatabaseError:
        logger.exception("sync run %s", run.pk)
        heart.stop("The database refused the new catalog; the log says why. Nothing was published.")
    except Exception:
        # Also a mistake of ours must not leave a run that looks alive.
        logger.exception("sync run %s", run.pk)
        heart.stop("Purser could not finish the walk; the log says why. Nothing was published.")
    run.refresh_from_db()
    return run


def _mirror(run, heart):
    supplier = run.supplier
    if not gateway.supports(supplier, ports.PriceList if run.prices_only else ports.CatalogSource):
        what = "price list" if run.prices_only else "catalog"
        raise gateway.NotConnected(f"{supplier.name} has no {what} that can be read.")
    source, known = gateway.connect(supplier), Known(supplier)
    bounds = {"max_pages": settings.SYNC_MAX_PAGES, "progress": heart.beat}
    if run.prices_only:
        walk = repricing.walk(source, supplier=supplier, known=known.skus(), **bounds)
    else:
        walk = walking.walk(source, known=known, **bounds)
    run.pages, run.rows = walk.pages, walk.rows
    run.warnings = _warnings(walk)
    publishing.publish(run=run, walk=walk, now=heart.clock())


def _warnings(walk):
    more = walk.warning_count - len(walk.warnings)
    return [*walk.warnings, f"And {more} more."] if more else walk.warnings


class _Heart:
    """Writes how far a run is, once a second at most, so that pages can show it and others see that it lives."""

    def __init__(self, run, clock, on_progress):
        self.running = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.RUNNING)
        self.clock, self.on_progress = clock, on_progress
        self.last, self.told = clock(), {}

    def beat(self, stage, walk):
        """Told after each page. Raises Overtaken when the run was given to another."""
        now = self.clock()
        is_new_stage = stage != self.told.get("stage")
        self.told = {"stage": stage, "pages": walk.pages, "rows": walk.rows}
        if not is_new_stage and now - self.last < HEARTBEAT_EVERY:
            return
        self.last = now
        if not self.running.update(heartbeat_at=now, **self.told):
            raise publishing.Overtaken
        if self.on_progress:
            self.on_progress(**self.told)

    def stop(self, error):
        """The run failed: say how far it came and why."""
        now = self.clock()
        self.running.update(
            status=SyncRun.Status.FAILED, finished_at=now, heartbeat_at=now, error=error[:500], **self.told)
