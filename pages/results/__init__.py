"""What pages compute, each number once and by one path; kept for all visitors."""
