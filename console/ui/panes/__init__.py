"""A pane is a pure function from a snapshot to rows; one file for each kind of thing."""
