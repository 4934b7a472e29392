"""Floor 0: what things are. Frozen values and pure rules; no I/O, no clock, no Textual."""
