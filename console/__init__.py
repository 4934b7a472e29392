"""homeconsole: one operator's GitOps home cluster in a terminal."""

__version__ = "0.1.0"
