"""What every page's shell needs: the environment badge and the open counts of the navigation."""

from django.conf import settings


def shell(request):
    """`test_mode` is true where suppliers may be stand-ins on loopback."""
    return {"test_mode": settings.SUPPLIER_ALLOW_LOCAL}
