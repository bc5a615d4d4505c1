"""Makes one dataset of several builds: what `streamit mix` does."""
