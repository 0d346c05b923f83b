"""What a month costs on AWS: a business's month in virtual time, everything it asks of AWS counted, priced from a dated table."""
