"""Finding a child: smallest query, vocabulary of names, candidates by index, one model's scores (SEA-2).

Reads open tables only, so that hidden values can change no result, count or time (SHI-3).
"""
