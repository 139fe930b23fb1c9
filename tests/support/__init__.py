"""What several test folders share: oracle cases as scenarios, measures by plain NumPy, generated scenarios, audits."""
