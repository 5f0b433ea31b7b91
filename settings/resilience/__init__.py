"""The key ha-eks:resilience: models, rules and cautions."""
