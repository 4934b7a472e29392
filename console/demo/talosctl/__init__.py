"""A stand-in for ``talosctl``: prints what the real one prints about the demo's machines.

``install`` writes the executable and its talosconfig; ``serve`` answers it over a unix socket. Formats, streams, exit
codes and error texts are those of talosctl 1.13; ``World.talosctl`` switches to 1.14.
"""

from console.demo.talosctl.install import install
from console.demo.talosctl.server import serve

__all__ = ["install", "serve"]
