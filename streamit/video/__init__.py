"""Videos: what is in a file, its frames at sampling times, clips, and where files are found."""
