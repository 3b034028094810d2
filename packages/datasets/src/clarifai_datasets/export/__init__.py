"""Getting datasets out: archive of the platform -> media and labels -> an archive of files."""
