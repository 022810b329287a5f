"""The bench of /scales: sizes in the data against internal scales, their fit, and what the scales cost."""
