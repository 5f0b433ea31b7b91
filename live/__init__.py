"""Reads the running cell from AWS and refuses changes that it cannot make."""
