"""Opening the gate and closing it: who is shown what, when, and what is held back."""
