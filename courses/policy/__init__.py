"""The rules of courses as pure functions: no database, no clock, no floats."""
