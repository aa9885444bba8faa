//! What a request may cost, in instructions and allocations over the bare service.

mod data;
mod dependencies;
mod noise;
mod run;
mod table;

pub(crate) use self::run::run;
