"""What a supplier promises about orders, and how often it wants to be asked about them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskTraits:
    """What a supplier promises about our reference; a missing promise means the strict choice.

    `replay_window_s`: for how long the same reference and bytes may be sent again and answer the same order (None: never).
    `fence_s`: how long after the time we signed with a delayed copy can still be accepted (None: unbounded).
    `lookup_lag_s`: how long a bought order may be missing from look-ups.
    `refuses_repeats`: a second order under one reference is refused for good, so a late copy does no harm and the same
    request may be sent again once a search found nothing.
    `books_show_orders`: its books have a row for each charge and each refund of an order. `refund_remark`: where a refund's
    row names no order, what stands in its remark.
    `tells_charges`: its books hold a row for each charge; without, only the balance shows them.
    `order_sorts`: what stands before an order's number in our ids, as in `topup:17`, where the supplier counts each sort of
    goods by itself; its books give the number alone.
    `tops_up_esims`: an order may add a package to an eSIM that was sold earlier.
    `test_orders`: whether an order can be marked as a test that buys nothing.
    `purchase_s`: how long the answer to a purchase may take.
    `poll_after_s`: when to read an accepted order, in seconds after the read before; `poll_slow_s` is for the rest.
    `polls_per_minute`: how often all our accepted orders together may be read (None: no limit is known).
    """

    ref_enforced: bool = False
    replay_window_s: int | None = None
    fence_s: int | None = None
    lookup_lag_s: int = 60
    refuses_repeats: bool = False
    books_show_orders: bool = False
    refund_remark: str = ""
    tells_charges: bool = True
    tops_up_esims: bool = False
    order_sorts: tuple[str, ...] = ()
    test_orders: bool = False
    purchase_s: int = 30
    poll_after_s: tuple[int, ...] = (5, 10, 15, 30, 60, 120, 300, 900)
    poll_slow_s: int = 3600
    polls_per_minute: int | None = None
