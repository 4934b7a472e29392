"""Talos: what ``talosctl`` tells about the nodes; ``source.TalosSource`` feeds the store with it."""
