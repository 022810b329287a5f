"""Equiscope as a program: the command, and in an installed package the app with its assets beside it."""

__version__ = "1.0.0"
