"""Mediated access: a mediator finds who is on the telephone, rings back, types the code, and begins (ACC-6).

Views read the input and choose the page; `access.actions.mediating` decides and logs.
"""
