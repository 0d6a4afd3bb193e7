"""Who gives a talk, and when."""
