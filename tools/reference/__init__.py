"""Generates the settings reference and the JSON schema of stack files from the settings' models."""
