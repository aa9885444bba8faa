mod herd;
