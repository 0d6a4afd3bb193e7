"""What a group works on, and the talk about it."""
