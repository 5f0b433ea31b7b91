"""Previews a stack offline, without an AWS account: `python -m tools.preview STACK`."""
