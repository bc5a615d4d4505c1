"""Checks of what goes into a build, and of what was written for it."""
