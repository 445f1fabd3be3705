"""The governments of a study as players: who holds which measure, what they play, how they can share the gain."""
