"""The audit bundle: all that someone else needs to judge a run and to make it again, in one folder or zip."""
