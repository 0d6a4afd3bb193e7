"""Pure rules of group projects: no database, no clock, no chance, no floats."""
