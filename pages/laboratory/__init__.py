"""What belongs to /errors alone: samples of many digits, and what makes their error."""
