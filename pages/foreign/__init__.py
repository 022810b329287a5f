"""What belongs to /yours alone: the file that a visitor brings, its judgement, and what is shown of it."""
