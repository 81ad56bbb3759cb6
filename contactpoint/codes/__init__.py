"""Codes that other registers define: numbers, postcodes, authorities, genders, services, partial dates.

Pure: no Django, no database, no clock.
Owns what is valid and how it is written (IDN); never decides who may see it (ACC-9).
"""
