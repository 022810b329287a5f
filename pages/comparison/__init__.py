"""What belongs to /compare alone: two networks on the same digits, what each misreads, and what each costs."""
