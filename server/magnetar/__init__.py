"""magnetar: the context engine an editor keeps beside it; this module re-exports the public Python API."""
