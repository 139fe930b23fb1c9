"""What a support centre is: its language, fields, names and checks."""
