"""Readers of files: each gives entities, histories and problems."""
