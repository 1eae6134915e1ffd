"""The steps. One is never edited after it was released; a new one is added."""
