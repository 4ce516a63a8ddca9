"""The steps of placing an order as a browser takes them."""

from urllib.parse import parse_qs, urlsplit

from django.urls import reverse

from funding.models import Reservation
from orders import tasks
from orders.models import Attempt, Order, Quote

HTMX = {"HX-Request": "true"}
TYPED = {"email": "buyer@example.org", "phone": "+447700900123"}


def form_of(client, sku):
    """The inputs that the form shows, by name."""
    response = client.get(reverse("orders:new"), {"sku": sku.pk})
    return {name: bound.value() for name, bound in ((bound.name, bound) for bound in response.context["form"])}


def filled(client, sku, **more):
    """What a browser would send: the form's own values, the fields of the product, and `more`."""
    values = {name: value for name, value in form_of(client, sku).items() if value not in (None, False)}
    fields = {f"fields.{field['name']}": TYPED.get(field["kind"], "8173412") for field in sku.product.fields}
    return {**values, **fields, "sku": sku.pk, **more}


def ask(client, sku, **more):
    """Ask for the price, let the worker fetch it; gives the address of the quote and the Quote."""
    response = client.post(reverse("orders:quotes"), filled(client, sku, **more))
    assert response.status_code == 302, response.context["form"].errors
    quote = Quote.objects.latest("asked_at")
    tasks.fetch_quote(str(quote.pk))
    quote.refresh_from_db()
    return response["Location"], quote


def confirm(client, address, quote, **more):
    """Press the button on the page of the quote."""
    told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return client.post(reverse("orders:confirmation", args=[quote.pk]), {**told, **more})


def nothing_happened():
    return not (Order.objects.exists() or Attempt.objects.exists() or Reservation.objects.exists())
