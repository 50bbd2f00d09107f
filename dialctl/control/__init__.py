"""What is asked of calls from outside while they are up, and calls that are placed."""
