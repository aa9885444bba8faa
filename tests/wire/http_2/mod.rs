//! What a client of HTTP/2 may not send, frame by frame.
//!
//! The cases are those of [h2spec](https://github.com/summerwind/h2spec) that matter to a server, with the sections of
//! RFC 9113 and RFC 7541 that they are about, and floods, which h2spec lacks. h2spec itself is in none of the registries
//! that the other tools come from.

mod client;
mod connection;
mod floods;
mod messages;
mod settings;
mod streams;
