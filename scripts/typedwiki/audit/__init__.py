"""The audit: one small function per rule, and modules that filter, fix and report problems."""
