//! What a service needs that calls an upstream over HTTP.
