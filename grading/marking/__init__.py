"""Who marks what: shares of the work, people who do not mark each other, and a sample that is marked twice."""
