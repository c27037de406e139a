"""The terminal application: what a cashier and a cardholder see, and what is owed to whom when the power goes."""
