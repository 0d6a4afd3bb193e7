"""Writes: runs, marks, releases. Each is one transaction."""
