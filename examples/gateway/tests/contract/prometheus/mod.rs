//! A real Prometheus scrapes a gateway, and evaluates the queries of the dashboard's panels.

mod panels;
mod picture;
mod traffic;
