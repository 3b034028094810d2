"""What an input of the platform is, once: every rule of the trade has its home here."""
