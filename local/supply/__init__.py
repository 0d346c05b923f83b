"""What we ship that is not ours: the pinned packages of the layers, their licences, known holes, and the list of it all."""
