"""Sounds that documents name by URL: fetched once, kept in a folder, played by the switch."""
