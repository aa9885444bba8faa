//! What a server needs in front of its services, so that no client and no log takes it down.
