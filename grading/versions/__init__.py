"""What changed between two versions that were handed in, cell by cell."""
