"""The demo corpus: rendered videos whose events are known, in three corpora's native formats."""
