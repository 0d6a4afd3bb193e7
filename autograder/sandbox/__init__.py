"""A child process that can reach nothing: namespaces, a read-only root, limits, no privileges, no network."""
