"""Remedies of an outage: each edits the stack file, and deploys only this edit."""
