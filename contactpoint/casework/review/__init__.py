"""Doubtful matches: what a data manager sees, decides and undoes, and how it is carried out (SUP-7, SUP-8).

Never shows what is hidden: rows near a shield are another queue's (SHI-5), and that a sensitive service
supplied a row is not said (SEN-3).
"""
