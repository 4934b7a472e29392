"""The four panes, in the order of their numbers. Another kind of pane is one more file and one more name here."""

from console.ui.panes import flux, nodes, updates, upgrades

KINDS = (nodes.PANE, flux.PANE, updates.PANE, upgrades.PANE)
