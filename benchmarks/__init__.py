"""What things cost: `make bench`. Ratios count; milliseconds are of this machine and this minute."""
