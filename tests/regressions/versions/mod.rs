//! What gates for versions get wrong; the numbers are those of the list of traps for gates.

mod behaviour;
mod gated;
mod policy;
mod wire;
