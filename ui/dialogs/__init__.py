"""Dialogs: what asks a question or tells something and then goes."""
