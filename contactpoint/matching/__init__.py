"""Are these two rows the same child?

A pure library: no Django, no database, no clock.
One model file (weights, name frequencies, thresholds) has two executors that agree to 1e-9:
Splink on DuckDB for whole files (`bulk`), and a small scorer for one row against some candidates (`score`).
Holds REC-11, SUP-7, SUP-8 and SUP-9.
"""
