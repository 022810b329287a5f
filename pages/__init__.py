"""One file = one question of a visitor: controls, computation, view."""
