"""From a clone to a stack on AWS: environments in samconfig.toml, what is looked at first, the SAM CLI over three templates in order."""
