"""The key ha-eks:images: models, rules and cautions."""
