"""What the pipeline and the queue cost, measured against the same work done by hand."""
