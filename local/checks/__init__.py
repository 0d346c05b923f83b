"""What has to be so before and while a business runs, each told with its fix (``make setup``, ``doctor``, ``deploy``)."""
