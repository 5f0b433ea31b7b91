"""What a stack would create, shown without an AWS account: `python -m preflight STACK`."""
