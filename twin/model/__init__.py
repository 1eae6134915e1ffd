"""The nouns of the city: pure data that every other part speaks."""
