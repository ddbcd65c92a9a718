"""What one row of a file is: a fact, an open item, a payment, a settled invoice or a cleared item."""
