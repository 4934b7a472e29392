"""Floor 3: the same facts without a screen, as tables and JSON."""
