//! The Rust blocks of the guide's chapters are doctests.
