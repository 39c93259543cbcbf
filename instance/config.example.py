# Copy this file to instance/config.py, which git does not track, and set what is yours. A setting
# in the environment goes over the same one in .env, and that over this file. All may be text.

# The CMS whose Spaces are provisioned.
# CMS_HOSTNAME = "cms.example.com"

# The port of its Web Admin interface and API.
# CMS_PORT = "443"

# A CMS account with the role api or admin.
# CMS_USERNAME = "apiuser"

# That account's password.
# CMS_PASSWORD = "change me"

# How the CMS's certificate is verified: with the public CAs (true), with those of a CA bundle in
# PEM form (its path), or not at all (false).
# CMS_TLS_VERIFY = "true"

# How many pages of CMS lists after the first are asked for at once in a process; 1: one by one.
# PORTAL_CMS_PARALLEL = "8"

# The CUCM whose users get the Spaces.
# CUCM_HOSTNAME = "cucm.example.com"

# The port of its User Data Services (UDS).
# CUCM_PORT = "8443"

# Only where CUCM wants credentials for contact searches (the port is 9443 then).
# CUCM_USERNAME = ""

# That user's password.
# CUCM_PASSWORD = ""

# The same as CMS_TLS_VERIFY, for the CUCM.
# CUCM_TLS_VERIFY = "true"

# Where set, callers must send it in the header X-API-Key.
# PORTAL_API_KEY = ""

# The names that the portal is reached by, beside localhost and the address that it listens on;
# commas between. Without an API key, it answers to no other.
# PORTAL_HOSTS = ""

# How many proxies, such as nginx, stand before the portal and add the caller's address to
# X-Forwarded-For.
# PORTAL_PROXIES = "0"

# How long one call to CMS or CUCM may take in all, retries included; in seconds.
# PORTAL_TIMEOUT = "10"
