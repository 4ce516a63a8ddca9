"""What workers and the clock do in a simulated world."""

from catalog import sync
from catalog.models import CircuitState, Sku, Supplier
from funding import refreshing
from monitoring import probing
from orders import sending, sweep
from orders.models import Attempt

from .lasting import catalog

PROBES = 10


class Machines:
    """Acts at `at`, as `rng` decides. A part of `World`."""

    def a_worker_sweeps(self):
        done = sweep.run_due(now=self.at)
        self.tell(f"sweep {', '.join(f'{count} {kind}' for kind, count in sorted(done.items()) if count)}".rstrip())

    def a_task_arrives(self):
        """Late, twice, or for an attempt that is long done: as a queue may."""
        attempt_ids = list(Attempt.objects.order_by("pk").values_list("pk", flat=True))
        if attempt_ids:
            sending.send(attempt_id=self.rng.choice(attempt_ids), now=self.at)

    def funding_is_read(self):
        """Of one supplier, or of all on a quiet day."""
        suppliers = list(self.suppliers())
        for supplier in suppliers if self.is_quiet else [self.rng.choice(suppliers)]:
            refreshing.refresh(supplier=supplier, now=self.at)

    def a_catalog_is_synced(self):
        """Some page of it may break; then nothing of the walk may be seen."""
        supplier, before = self.rng.choice(self.skus).supplier, catalog()
        run = sync.sync(supplier=supplier, now=self.at, clock=lambda: self.at)
        self.tell(f"sync {run.status}")
        self.happened[f"sync {run.status}"] += 1
        if run.status != "complete" and catalog() != before:
            self.problems.append("I-31 a walk that broke off was published")
        if not set(self.skus) <= set(Sku.objects.all()):
            self.problems.append("I-31 a sync removed a SKU that was ordered")

    def suppliers_are_probed(self):
        """Ten times, once a minute, for as long as one is not called."""
        for _ in range(PROBES):
            for supplier in self.suppliers(circuit__state__in=[CircuitState.State.OPEN, CircuitState.State.HALF_OPEN]):
                probing.probe(supplier=supplier, now=self.at)
            self.pass_time(60)

    def suppliers(self, *which, **more):
        return Supplier.objects.filter(*which, **more).order_by("pk").distinct()
