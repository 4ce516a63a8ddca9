"""Short days on which one thing goes wrong: each breaks nothing, unless a rule of the house is broken.

What happens on a day happens at `world.api`, so that a rule can be broken at each supplier that is different.
"""

import uuid
from dataclasses import replace

from catalog.suppliers.types import ProductKind
from orders import restoring, sweep
from orders.models import Attempt
from tests.orders import shop

ANSWERED = 3  # minutes in which an order is sent and read again
KNOWN = {
    "giftapi": (409, {"code": "duplicate_external_id", "message": "external_id was used before"}),
    "octopus_cards": (400, {"error": {
        "name": "BadRequestError", "code": "BAD_REQUEST", "message": "Duplicate client_reference"}}),
}
IN_OTHER_WORDS = {"error": {"name": "BadRequestError", "code": "BAD_REQUEST", "message": "The request was not accepted"}}


def plain_order(world):
    """Somebody buys one of everything that is sold."""
    for sku in world.skus:
        world.order(sku)
    world.work_for(ANSWERED)


def process_dies_before_the_commit(world):
    world.dies_at = "C1"
    world.order(voucher(world))


def lost_answer(world):
    """The purchase happened, its answer was lost."""
    world.plan = ["lost_after"]
    world.order(voucher(world))
    world.work_for(20)


def lost_request(world):
    """The purchase never arrived; that takes ten minutes to prove, and a second send."""
    world.plan = ["lost_before"]
    world.order(voucher(world))
    world.work_for(14)


def lost_answer_and_late_look_ups(world):
    """The purchase happened, its answer was lost, and look-ups do not show it yet; the reference may be used twice."""
    world.lab.fail(world.api, "*", "allow_duplicates")
    world.lab.fail(world.api, "list*", "lookup_lag", seconds=50)
    lost_answer(world)


def foreign_order_stands_first(world):
    """The same SKU was bought there by somebody else, and our own request is lost."""
    world.order(voucher(world))
    world.work_for(ANSWERED)
    books = world.lab.books[world.api]
    (ours,) = books.purchases()
    foreign = replace(
        ours, id="77" if ours.id.isdigit() else str(uuid.UUID(int=77)), number=ours.number + 1, ref="bought-elsewhere",
        created_at=world.at,
        delivered=[{name: value and str(value)[::-1] for name, value in unit.items()} for unit in ours.delivered])
    books.add_order(foreign)
    world.plan = ["lost_before"]
    world.order(voucher(world))
    world.work_for(ANSWERED)


def purchase_arrives_twice(world):
    """Something on the way repeated the request, and what we hear is the answer to the second one."""
    status, body = KNOWN[world.api]
    world.lab.fail(world.api, create(world), "error", when="after", status=status, body=body)
    world.order(voucher(world))
    world.work_for(ANSWERED)


def purchase_arrives_twice_and_no_word_tells(world):
    """The same, but the answer's code stands for any bad request, and its words say nothing of a reference."""
    world.lab.fail(world.api, create(world), "error", when="after", status=400, body=IN_OTHER_WORDS)
    world.order(voucher(world))
    world.work_for(ANSWERED)


def last_money_is_wanted_twice(world):
    """Two people look at their price while the money is there for one; between their clicks the first order is done."""
    sku, books = voucher(world), world.lab.books[world.api]
    books.set_balance("USD", sku.price - books.overdraft_limit)
    first, second = world.price(sku), world.price(sku)
    world.confirm(sku, *first, token=uuid.UUID(int=1))
    sweep.run_due(now=world.at)
    world.pass_time(1)
    world.confirm(sku, *second, token=uuid.UUID(int=2))
    world.work_for(ANSWERED)


def old_news_arrives(world):
    """A finished order is told as open when it is read again."""
    world.order(voucher(world))
    world.work_for(ANSWERED)
    world.lab.fail(world.api, "get*", "regression", times=5)
    Attempt.objects.update(due_at=world.at)
    world.work_for(ANSWERED)


def code_is_revealed(world):
    world.order(voucher(world))
    world.work_for(ANSWERED)
    world.somebody_reveals()


def notice_comes_first(world):
    """The supplier tells of a completed order while we still know it as open, and twice so."""
    for copy in (1, 2):
        order = _open_order(world)
        books = world.lab.books[world.api]
        (there,) = books.purchases(order.attempts.get().ref)
        books.settle(there.id, "completed")
        for notice in world.lab.desks[world.api].hooks.notices(books, "order", there):
            for _ in range(copy):
                world.post(world.api, notice)
        world.work_for(ANSWERED)


def _open_order(world):
    """Somebody's order that the supplier has accepted and not ended."""
    world.lab.fail(world.api, create(world), "hold")
    order = world.order(voucher(world))
    world.work_for(1)
    return order


def backup_is_restored(world):
    """The database is lost after a purchase, and an older copy of it takes its place, in which nothing was sent yet."""
    world.lab.fail(world.api, "*", "allow_duplicates")
    world.order(voucher(world))
    with world.as_it_was_before():
        world.work_for(ANSWERED)
    restoring.doubt_what_is_unsent(now=world.at)
    world.work_for(14)


def voucher(world):
    """A voucher of the supplier at which the day takes place, in dollars."""
    return next(sku for sku in world.skus if sku.supplier.api == world.api and sku.currency == "USD"
                and sku.product.kind == ProductKind.VOUCHER)


def create(world):
    return shop.operation("createOrder", voucher(world))
