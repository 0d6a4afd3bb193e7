"""What members say of each other, and the factors that follow."""
