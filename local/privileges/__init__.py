"""Who may do what on AWS, by template.yaml; and who did, by what the tests and the story asked for."""
