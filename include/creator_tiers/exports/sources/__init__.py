"""One module per source of exports."""
