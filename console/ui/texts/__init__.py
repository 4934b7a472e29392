"""Values as text to read: pure functions from a value to lines."""
