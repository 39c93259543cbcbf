"""The client of the User Data Services (UDS) of Cisco Unified Communications Manager."""
