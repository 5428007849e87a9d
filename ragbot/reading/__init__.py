"""What papers show whatever one asks: sentences, cues, roles, names of their own work."""
