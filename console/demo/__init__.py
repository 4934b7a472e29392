"""Floor 3, beside the screen: the embedded home cluster, behind the same doors as a real one."""
