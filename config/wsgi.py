"""The WSGI application that a web server loads."""
import os

from config import starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = starting.web()
