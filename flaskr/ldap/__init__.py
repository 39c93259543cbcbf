"""The client of LDAP directories: Active Directory, OpenLDAP."""
