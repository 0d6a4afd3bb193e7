"""Marking what groups hand in: criteria, points, notes on pages, and the marks that follow for each member."""
