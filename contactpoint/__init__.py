"""ContactPoint: who else is working with this child?"""
