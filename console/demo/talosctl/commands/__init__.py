"""What each command of talosctl asks and prints."""
