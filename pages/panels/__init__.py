"""What pages show: the sidebar, pictures, squares, charts, texts."""
