//! How the programs of the examples begin and end, and what their flags have in common.
//!
//! A program is `command_line::run(serve)`, where `serve` takes its flags. It binds its port first, and announces it
//! when all else is ready. A bad flag is one line on stderr and exit status 2. What else keeps a program from serving
//! is one line and exit status 1, with what [cannot] be done and the causes:
//!
//! ```text
//! gateway: invalid value '0' for '--max-upstream-calls <COUNT>': expected a whole number above 0, such as 256
//! gateway: cannot listen on 127.0.0.1:3000: Address already in use (os error 98)
//! ```

mod listen;
mod metrics;
mod run;
mod server_flags;
mod usage;
mod values;

pub use self::listen::{announce, bind};
pub use self::metrics::serve_metrics;
pub use self::run::{cannot, run};
pub use self::server_flags::{BoundServer, ServerFlags, TrustedProxies};
pub use self::values::{address, count, duration, http_url, named_quota, quota, switch};
