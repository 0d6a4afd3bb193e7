"""Reads: grades, gradebook, queues."""
