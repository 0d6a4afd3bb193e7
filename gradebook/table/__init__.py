"""The gradebook as people use it: filtered, sorted, summed up, each cell with its history, and as files."""
