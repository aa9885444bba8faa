//! The layers in ten servers, as bytes on the wire; `docs/guide/hosts.md` says what each server needs.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/hosts.md")]
mod hosts {}
