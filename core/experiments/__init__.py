"""The fault-injection experiments that a cell can run: what each does, proves and costs."""
