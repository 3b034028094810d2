"""Formats that the library Datumaro reads and writes, as loaders and exporters `datumaro:<format>`.

The extra `datumaro` brings the library. Its formats are listed without it, and imported when used.
"""
