"""What groups hand in: versions, receipts, lateness, more time."""
