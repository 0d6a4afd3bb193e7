"""Choosing who talks by the marks of reports, the day itself, and the marks that peers give."""
