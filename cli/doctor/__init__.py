"""What `kanalvakt doctor` examines, a file for each part of an installation."""
