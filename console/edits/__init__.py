"""Edits of files that keep every other byte: comments, quotes, line ends, byte order marks, anchors."""
