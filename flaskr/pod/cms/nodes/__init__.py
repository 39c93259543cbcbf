"""The nodes of the CMS API: one table of records, in several files."""
