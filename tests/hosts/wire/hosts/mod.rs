//! The servers, and what each needs.

mod axum;
mod axum07;
mod connectrpc;
mod hyper_proxy;
mod hyper_util;
mod jsonrpsee;
mod lambda;
mod rest;
mod rmcp;
mod tonic;
mod warp;
