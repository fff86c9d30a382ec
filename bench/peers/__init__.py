"""Other ways to send one frame to many, each in the shortest form its documentation suggests.

    python -m bench.peers.NAME BYTES

says "listening PORT", takes WebSocket connections, and for each line on standard input sends one
text frame of so many bytes (header included) to all, then says "wrote CONNECTIONS": as the floor
does. A peer that cannot be imported says "cannot" and why. There is no broker behind them.
"""
