"""What lives in the embedded cluster: Flux, tuppr and the nodes, simulated from what the real ones do."""
