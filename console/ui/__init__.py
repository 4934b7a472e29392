"""Floor 3: the screen. The only floor that knows Textual; it knows sources only by their Protocols."""
