"""Reciprocal pairs from one pool: each gives and takes, and an odd number makes one trio."""

from pairing.engine.peers.explain import explain_peers
from pairing.engine.peers.pair import pair_peers
from pairing.engine.peers.shapes import GRAIN, PeerPairs, PeerProof, PeersProblem, Prices

__all__ = [
    "GRAIN",
    "PeerPairs",
    "PeerProof",
    "PeersProblem",
    "Prices",
    "explain_peers",
    "pair_peers",
]
