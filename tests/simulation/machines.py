"""What workers, the clock and the suppliers do by themselves in a simulated world."""

from catalog import sync
from catalog.models import Sku
from funding import refreshing
from monitoring import probing
from orders import sending, sweep
from orders.models import Attempt

from .goods import BOUGHT_FROM
from .lasting import catalog


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
        for supplier in dict.fromkeys(sku.supplier for sku in self.skus):
            refreshing.refresh(supplier=supplier, now=self.at)

    def a_catalog_is_synced(self):
        """Some page of it may break; then nothing of the walk may be seen."""
        supplier, before = self.rng.choice(self.skus).supplier, catalog()
        run = sync.sync(supplier=supplier, now=self.at, clock=lambda: self.at)
        self.tell(f"sync {run.status}")
        if run.status != "complete" and catalog() != before:
            self.problems.append("I-31 a walk that broke off was published")
        if not set(self.skus) <= set(Sku.objects.all()):
            self.problems.append("I-31 a sync removed a SKU that was ordered")

    def suppliers_are_probed(self):
        for supplier in dict.fromkeys(sku.supplier for sku in self.skus):
            probing.probe(supplier=supplier, now=self.at)

    def money_arrives(self):
        books = self.lab.books[self.rng.choice(BOUGHT_FROM)]
        books.deposit(self.rng.choice(sorted(books.balances)), str(self.rng.choice([5, 20, 100])))

    def a_supplier_forgets(self):
        """The next finished order that is read is told as open again."""
        self.lab.fail(self.rng.choice(BOUGHT_FROM), "get*", "regression")
