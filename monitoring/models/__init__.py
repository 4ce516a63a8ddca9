"""The rows of monitoring: probes, alerts, heartbeats."""

from .alert import Alert
from .heartbeat import Heartbeat
from .probe_result import ProbeResult

__all__ = ["Alert", "Heartbeat", "ProbeResult"]
