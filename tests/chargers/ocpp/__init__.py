"""Tests of the OCPP central system, over real sockets."""
