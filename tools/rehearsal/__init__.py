"""Runs a stack through the real Pulumi engine against a fake cloud, without an AWS account."""
