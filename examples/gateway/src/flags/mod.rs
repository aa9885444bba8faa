//! What the gateway is told on its command line, or by environment variables.

mod command_line;
mod values;

pub(crate) use self::command_line::{Flags, complain};
pub(crate) use self::values::KeySecret;
