"""Claims about availability, and what shows that each of them holds."""
