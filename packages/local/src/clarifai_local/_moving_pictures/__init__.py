"""Moving pictures: animated GIF, WebP and PNG by Pillow, videos by PyAV where it is installed.

What models say of one, they say of its frames at the middle of equal steps of time.
"""
