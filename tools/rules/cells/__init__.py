"""Rules over several cells of one domain."""
