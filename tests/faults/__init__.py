"""What the platform does when a part of it dies: a worker, the broker, the cache, the mail server.

A test here kills or cuts off the part, and says what is still true afterwards: no row lost, no
e-mail sent twice, no job left open.
"""
