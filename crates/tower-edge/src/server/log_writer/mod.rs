//! Writes the log from a thread of its own.

mod queue;
mod writer;

pub use self::writer::{LogLine, LogWriter};
