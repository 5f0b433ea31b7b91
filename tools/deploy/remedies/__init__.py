"""Remedies of an outage: an edit of the stack file, applied without anything else."""
