"""Version 1 of the client of LDAP directories."""
