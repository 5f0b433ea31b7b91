"""The key ha-eks:singletons: models and rules."""
