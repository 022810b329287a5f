"""What belongs to /learn alone: where a visitor is, the card, what figures show beside it, and what they cover."""
