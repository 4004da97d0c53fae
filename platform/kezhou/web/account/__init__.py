"""Pages of one's own account: sign-in and out, passwords, invitations, hand-over from the public site."""
