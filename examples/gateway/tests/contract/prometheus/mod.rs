//! A real Prometheus scrapes a gateway, and answers what the panels of the dashboard ask.

mod panels;
mod picture;
mod traffic;
