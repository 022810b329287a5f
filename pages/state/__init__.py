"""What is chosen: the shared view, the session that owns it, and links that give it back."""
