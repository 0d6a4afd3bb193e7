"""Peers rank what they saw; members say who contributed what."""
