"""What the browser draws by itself while a visitor's hand is on it: one folder per component, Python and scripts.

Components import `core`, never `pages`: values and callbacks come as arguments. README.md says how they are built.
"""
