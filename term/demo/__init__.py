"""A demo course with invented people, real notebooks, and submissions that the worker itself grades."""
