"""The COSI resources that a node shows: their types, and what each holds (pkg/machinery/resources)."""
