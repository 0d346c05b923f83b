"""Who else opens a mail's links: scanners, expanders, previews and prefetchers. None of them approves anything or has a mail sent."""
