"""Deletes a cell: shows what is deleted, asks for the name of the cell, turns off protection."""
