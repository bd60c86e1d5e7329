"""The ground that the apps stand on: it imports none of them."""
