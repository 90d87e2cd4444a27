"""THE PAPERS: writes PDF and PDF/A, sets pictures into them, and checks what was written."""
