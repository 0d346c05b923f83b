"""Renderer: makes, once, exactly what each network will show."""
