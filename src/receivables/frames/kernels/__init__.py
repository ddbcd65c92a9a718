"""Exact 64-bit kernels over Arrow arrays: the same answers as the expressions, where those do badly.

Money travels as whole minor units of one scale; every sum is guarded before it is made, because NumPy wraps silently.
These modules are imported only when a frame calls for them.
"""
