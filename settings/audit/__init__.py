"""`ha-eks:audit`."""
