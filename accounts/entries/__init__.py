"""What members write on an account: interactions and notes, corrected for a while, told in the timeline."""
