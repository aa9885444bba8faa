//! How each example comes about: a problem as a handler makes it, or a layer that refuses.

mod ads_mcp;
mod medianest;
mod of;
mod plexichat;
mod plexmcp;
mod routermcp;

pub(crate) use self::of::of;
