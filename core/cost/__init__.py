"""Cost of a cell: by time, by use, and of the choices that make it highly available."""
