//! The layers in ten servers, as bytes on the wire; `docs/hosts.md` says what each server needs.

#[cfg(doctest)]
#[doc = include_str!("../../../docs/hosts.md")]
mod hosts {}
