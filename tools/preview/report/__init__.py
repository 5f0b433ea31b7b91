"""The report of a stack: a page for reviewers, built from a typed model and templates."""
