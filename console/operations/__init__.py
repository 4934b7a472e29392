"""Floor 2: what the operator can do. A file is one verb with one public function and typed steps or result."""
