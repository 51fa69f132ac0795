"""The child process that opens a stranger's file: rows out as JSON lines, or one clear refusal; never Django."""
