"""The law: dated rules with citations, as data, and what reads them."""
