"""Pages of those who answer for people and organisations: accounts, accreditation, switches, their log."""
