"""What people read in: Swedish whole, and English for what applicants, deciders and citizens meet."""
