//! Compiles the `.proto` file with protox, so that no `protoc` is needed.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let descriptors = protox::compile(["edge.proto"], ["proto"])?;
    // Reflection serves them.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("edge.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::compile_fds(descriptors)?;
    println!("cargo::rerun-if-changed=proto");
    Ok(())
}
