"""Wires the apps together. Imported by none of them."""
