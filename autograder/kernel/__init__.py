"""An IPython kernel without sockets: the same shell and displays, its messages on a pipe. Runs inside the sandbox."""
