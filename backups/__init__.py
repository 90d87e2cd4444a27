"""Copies of the installation's database: taken while everything is at work, and put back."""
