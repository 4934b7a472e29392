"""Floor 1: where facts come from. One folder for each neighbour; their doors are the Protocols in ``ports``."""
