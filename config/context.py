"""What every page's shell needs: the environment badge and the open counts of the navigation."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from monitoring.counting import counts


def shell(request):
    """`test_mode` is true where suppliers may be stand-ins on loopback; `nav_counts` asks only where it is shown."""
    user = getattr(request, "user", None)
    is_staff_page = user is not None and user.is_authenticated
    return {
        "test_mode": settings.SUPPLIER_ALLOW_LOCAL,
        "nav_counts": SimpleLazyObject(counts) if is_staff_page else {},
    }
