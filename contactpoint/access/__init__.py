"""Who is asking: organisations, people, clearances, roles, signing in (ACC-1 to ACC-9).

Owns accounts and whether they may act, decided from dates at every request.
Never knows a child.
"""
