//! What holds when the layers stand together, in the order in which they are meant to.
//!
//! Most tests ask three services that differ in what the stack stands in front of: a plain function,
//! an axum `Router` as a whole, and the routes within one. See `stack.rs`.

mod alone;
mod case;
mod cut_body;
mod forms;
mod handlers;
mod nested;
mod order;
mod peer;
mod plain;
mod queue;
mod readme;
mod rejections;
mod requests;
mod responses;
mod route;
mod size;
mod stack;
mod trouble;
mod unrendered;
