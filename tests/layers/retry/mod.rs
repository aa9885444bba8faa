mod clients;
mod herd;
