"""The one place that builds sources, store and operations from settings, late, and hands them on."""

from console.wiring.desk import Console
from console.wiring.location import standing

__all__ = ["Console", "standing"]
