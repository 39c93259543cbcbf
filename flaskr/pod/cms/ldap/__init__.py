"""The import of users from LDAP: who is in the directory, and what becomes of them."""
