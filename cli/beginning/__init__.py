"""What `kanalvakt new-municipality` asks, and the two files that it writes."""
