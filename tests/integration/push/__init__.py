"""The push worker, with a real push service that is read as a browser reads it."""
