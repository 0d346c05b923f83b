"""A stand-in for Amazon Bedrock on one computer: it speaks Converse, and writes by simple rules. No model is behind it."""
