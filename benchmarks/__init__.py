"""Measurements with exact counts and floors; `make bench` runs all of them."""
