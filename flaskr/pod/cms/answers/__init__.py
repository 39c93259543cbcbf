"""The nodes that compute an answer, and hold no objects of their own."""
