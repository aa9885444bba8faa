//! A catalogue of courses for the page of another origin: users have a session, and passwords cannot be guessed.

pub mod after;
pub mod before;

mod handlers;
