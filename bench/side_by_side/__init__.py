"""What the frames benchmarks share: the tables they are run on, how answers are made comparable, and the clock."""
