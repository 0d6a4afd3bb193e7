"""Finding a group: the board, invitations, requests, merging."""
