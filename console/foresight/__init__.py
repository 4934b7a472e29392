"""Floor 2: what an upgrade will ask of the operator."""
