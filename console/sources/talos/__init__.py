"""Talos: what ``talosctl`` tells about the nodes."""

from console.sources.talos.source import TalosSource

__all__ = ["TalosSource"]
