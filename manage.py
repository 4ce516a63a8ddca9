#!/usr/bin/env python3
"""Entry point of every command: `python manage.py <command>`."""
import os
import sys

from config import starting

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    starting.run(sys.argv)
