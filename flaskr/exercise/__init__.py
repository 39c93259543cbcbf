"""The lab's exercise: the reader writes the namespace cms, and is told which steps hold."""
