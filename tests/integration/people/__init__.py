"""People in the API: roles and invitations."""
