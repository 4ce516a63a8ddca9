"""Short days on which one thing goes wrong: each breaks nothing, unless a rule of the house is broken."""

import uuid
from dataclasses import replace

from orders import sweep
from orders.models import Attempt

ANSWERED = 3  # minutes in which an order is sent and read again


def plain_order(world):
    """Somebody buys a voucher at each supplier."""
    for sku in world.skus:
        world.order(sku)
    world.work_for(ANSWERED)


def process_dies_before_the_commit(world):
    world.dies_at = "C1"
    world.order(gift(world))


def lost_answer(world):
    """The purchase happened, its answer was lost."""
    world.plan = ["lost_after"]
    world.order(gift(world))
    world.work_for(20)


def lost_request(world):
    """The purchase never arrived; that takes ten minutes to prove, and a second send."""
    world.plan = ["lost_before"]
    world.order(gift(world))
    world.work_for(14)


def foreign_order_stands_first(world):
    """The same SKU was bought there by somebody else, and our own request is lost."""
    world.order(gift(world))
    world.work_for(ANSWERED)
    books = world.lab.books["giftapi"]
    (ours,) = books.purchases()
    books.add_order(replace(
        ours, id=str(uuid.UUID(int=77)), number=ours.number + 1, ref="bought-elsewhere", created_at=world.at,
        delivered=[{name: str(value)[::-1] for name, value in unit.items()} for unit in ours.delivered]))
    world.plan = ["lost_before"]
    world.order(gift(world))
    world.work_for(ANSWERED)


def purchase_arrives_twice(world):
    """Something on the way repeated the request, and what we hear is the answer to the second one."""
    known = {"code": "duplicate_external_id", "message": "external_id was used before"}
    world.lab.fail("giftapi", "createOrder", "error", when="after", status=409, body=known)
    world.order(gift(world))
    world.work_for(ANSWERED)


def last_money_is_wanted_twice(world):
    """Two people look at their price while the money is there for one; between their clicks the first order is done."""
    sku, books = gift(world), world.lab.books["giftapi"]
    books.set_balance("USD", sku.price - books.overdraft_limit)
    first, second = world.price(sku), world.price(sku)
    world.confirm(sku, *first, token=uuid.UUID(int=1))
    sweep.run_due(now=world.at)
    world.pass_time(1)
    world.confirm(sku, *second, token=uuid.UUID(int=2))
    world.work_for(ANSWERED)


def old_news_arrives(world):
    """A finished order is told as open when it is read again."""
    world.order(gift(world))
    world.work_for(ANSWERED)
    world.lab.fail("giftapi", "getOrder", "regression", times=5)
    Attempt.objects.update(due_at=world.at)
    world.work_for(ANSWERED)


def code_is_revealed(world):
    world.order(gift(world))
    world.work_for(ANSWERED)
    world.somebody_reveals()


def gift(world):
    return next(sku for sku in world.skus if sku.supplier.api == "giftapi")
