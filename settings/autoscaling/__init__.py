"""The key ha-eks:autoscaling: models, rules and cautions."""
