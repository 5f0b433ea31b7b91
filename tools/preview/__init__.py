"""Shows what a stack creates, without an AWS account: `python -m tools.preview STACK`."""
