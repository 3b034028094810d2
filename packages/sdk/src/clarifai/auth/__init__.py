"""Doors where release 9 has them: the credentials of programs that call the service themselves."""
