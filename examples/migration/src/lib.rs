//! Three services, each with tower_governor and tower-http, and then with tower-edge.
//!
//! In each module, `before` is the stack as many write it, and `after` the one that replaces it. `handlers` is what both
//! have in common. `docs/guide/migration.md` goes from one to the other, and `tests` shows what each does.

pub mod courses;
pub mod dns;
pub mod rpc_node;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/migration.md")]
mod guide {}
