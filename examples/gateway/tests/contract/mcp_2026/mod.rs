//! What MCP 2026-07-28 demands of a server about errors, status codes and header fields: a test for each sentence with MUST
//! in [its pages](https://modelcontextprotocol.io/specification/2026-07-28), named after the sentence.

mod call;
mod fields;
mod messages;
mod server;
mod transport;
