"""The embedded Kubernetes API server: objects in memory, served over TLS on loopback."""
