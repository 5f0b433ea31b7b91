"""IAM policies and role of a deployer, with only the permissions that the stack needs."""
