"""Call records: what is left of a call when it is over. docs/records.md has the schema."""
