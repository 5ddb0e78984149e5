"""The board: the columns of a pipeline, their cards, and moving them by mouse and keys."""
