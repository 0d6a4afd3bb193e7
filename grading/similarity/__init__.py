"""Which notebooks have code in common that the instructor did not give out: evidence for people, never a penalty."""
