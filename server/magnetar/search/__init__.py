"""The workspace database: which files hold which terms and names."""
