"""Deploys a stack to AWS and keeps it up to date."""
