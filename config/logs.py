"""What a refused request leaves in the log: one line that says who refused what, without a traceback."""

import logging

from .refusals import WAY_IN

LOGGERS = ("django.request", "django.security")


class RefusalsInOneLine(logging.Filter):
    """Takes the traceback from records of requests that were refused (status below 500), and names path and reason.

    Refused webhooks are counted in rows and leave no line: whoever sends them could fill the disk.
    """

    def filter(self, record):
        status = getattr(record, "status_code", 500)
        if record.name.startswith(LOGGERS) and status < 500 and not hasattr(record, "is_one_line"):
            request = getattr(record, "request", None)
            if request is not None and request.path.startswith(WAY_IN):
                return False
            reason = record.exc_info[1] if record.exc_info else None
            record.msg, record.args = self._line(record.getMessage(), status, request, reason), ()
            record.exc_info, record.exc_text, record.is_one_line = None, None, True
        return True

    def _line(self, message, status, request, reason):
        words = [f"{status} {message}"]
        if request is not None and request.path not in message:
            words.append(f"at {request.method} {request.path}")
        if reason is not None and str(reason) not in message:
            words.append(f"({reason})")
        return " ".join(words).encode("unicode_escape").decode()[:500]
