//! A reverse proxy with all five layers of tower-edge, on hyper and no framework.
//!
//! `cargo run -p hyper-proxy -- --upstream http://127.0.0.1:8080`, then `curl -i localhost:3000/`. It
//! speaks HTTP/1.1 and HTTP/2 with prior knowledge on one port, and HTTP/1.1 to the upstream. An
//! upstream that cannot be reached or breaks off leads to 502, and one that is slow to 504,
//! as problem details. So are errors that the upstream sends bare or as plain text; those in a format
//! of its own are passed on. What clients and calls can hold is bounded by `--write-timeout`,
//! `--max-connections-per-address` and `--max-upstream-calls`. The flags that it shares with the gateway may be given
//! as variables too, such as `EDGE_LISTEN`; `--help` names them.
//!
//! Of the fields of a request, the upstream sees those that [`Forwarder`](tower_edge::forward::Forwarder)
//! passes on, and those of `--forward-field`.

mod flags;
mod proxy;

pub use self::flags::Flags;
pub use self::proxy::{serve, service};
