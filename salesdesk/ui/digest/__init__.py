"""The digest on the screen: its picture, its preview, and sending it while the program runs."""
