"""What all workloads share: models, rules and cautions of their pods."""
