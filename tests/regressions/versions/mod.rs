//! What version gates get wrong.

mod behaviour;
mod gated;
mod policy;
mod supported;
mod wire;
