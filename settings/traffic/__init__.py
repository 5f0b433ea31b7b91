"""The key ha-eks:traffic: models, rules and cautions."""
