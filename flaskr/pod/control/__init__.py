"""How people steer a pod: the control port, the command line, and the help for both."""
