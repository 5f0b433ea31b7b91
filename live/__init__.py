"""The cell as it runs, and what an `up` may not do to it."""
