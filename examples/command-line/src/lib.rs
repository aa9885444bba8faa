//! How the programs of the examples begin and end, and what the values of their flags mean.
//!
//! A program is `command_line::run(serve)`, where `serve` takes its flags and begins with [`listen`]. A bad flag is
//! one line on stderr and exit status 2. What else keeps a program from serving is one line and exit status 1:
//!
//! ```text
//! gateway: invalid value '0' for '--max-upstream-calls <COUNT>': expected a whole number above 0, such as 256
//! gateway: cannot listen on 127.0.0.1:3000: Address already in use (os error 98)
//! ```

mod run;
mod usage;
mod values;

pub use self::run::{listen, run};
pub use self::values::{address, count, duration, http_url, network};
