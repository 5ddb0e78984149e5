"""Prices of contractors on the screen: words, forms and what can be done, for every panel."""
