"""The suppliers' way in: no session, no form, only a signature."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalog import gateway
from catalog.models import Supplier
from catalog.suppliers import ports
from catalog.suppliers.notices import RefusedNotice, Unreadable

from . import inbox, refusals

LARGEST = 64 * 1024
# Everything else is a 400. A wrong signature and a wrong time look alike from outside.
STATUS = {"signature": 401, "time": 401, "size": 413, "variants": 429}


class TooLarge(RefusedNotice):
    """Its body is larger than any notice is."""

    reason = "size"


@csrf_exempt
@require_POST
def webhook(request, name):
    """Take a notice from the supplier called `name`. The answers have no body, so that they tell nothing."""
    supplier = Supplier.objects.filter(name=name).first()
    if supplier is None or not gateway.supports(supplier, ports.Notices):
        return HttpResponse(status=404)
    now = timezone.now()
    try:
        inbox.receive(supplier=supplier, headers=request.headers, body=_body(request), now=now)
    except RefusedNotice as refusal:
        refusals.count(supplier=supplier, reason=refusal.reason, now=now)
        return HttpResponse(status=STATUS.get(refusal.reason, 400))
    except gateway.NotConnected:
        return HttpResponse(status=503)  # our trouble: the supplier shall try again
    return HttpResponse(status=200)


def _body(request):
    """The body, never read further than LARGEST."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.content_type != "application/json" or not length.isdecimal():
        raise Unreadable
    if int(length) > LARGEST:
        raise TooLarge
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge
    return body
