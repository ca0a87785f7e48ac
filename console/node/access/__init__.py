"""Who may do what here: policy, rights, accounts, sessions, audit, certificates; knows no socket, hub or journal."""
