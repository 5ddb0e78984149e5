"""The page of contractors: the directory, and the panel of one."""
