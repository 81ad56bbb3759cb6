"""The pages: GOV.UK Design System, server-rendered, working without JavaScript.

Owns how things look and how a request is read; decides nothing about who may see what.
"""
