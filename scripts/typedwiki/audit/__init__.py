"""What is wrong with a wiki: one small function per rule, and what is done with the findings."""
