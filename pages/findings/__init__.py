"""What belongs to /results alone: its parts, and the ways to see one."""
