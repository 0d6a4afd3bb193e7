"""The rules of marks and totals as pure functions."""
