"""What the customer is still owed, kept so that it outlives the process."""
