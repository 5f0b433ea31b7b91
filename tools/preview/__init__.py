"""What a stack would create, shown without an AWS account: `python -m tools.preview STACK`."""
