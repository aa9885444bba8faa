//! `cargo xtask fuzz`: runs every fuzz target for ten seconds, from the corpus that is checked in.
//!
//! The coverage counters that libFuzzer goes by are put in by a pass of LLVM that the stable compiler
//! has too; no cargo-fuzz and no nightly toolchain is needed. What is found stays in `fuzz/artifacts`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{fs, thread};

use crate::command::{cargo_in, output, root, step};
use crate::failure::Failure;
use crate::prerequisites;

/// Builds the targets and runs them, two at a time.
///
/// # Errors
///
/// When a need cannot be met, the targets cannot be built, or one of them finds something.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install_for_fuzz()?;
    let programs = build()?;
    let mut found = Vec::new();
    for two in names()?.chunks(2) {
        println!("--> {}", two.join(", "));
        let runs: Vec<_> = two
            .iter()
            .map(|name| {
                let fuzzer = fuzzer(&programs, name)?;
                Ok((name, thread::spawn(move || ended(fuzzer))))
            })
            .collect::<Result<_, Failure>>()?;
        for (name, run) in runs {
            if !run.join().is_ok_and(|found_nothing| found_nothing) {
                found.push(name.clone());
            }
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Failure::Found { targets: found })
    }
}

/// Where the programs are, built.
fn build() -> Result<PathBuf, Failure> {
    let host = host()?;
    let target = root().join("target").join("fuzz");
    // With a target named, what runs while it is built is built without the counters.
    let mut build = cargo_in(
        &folder(),
        &[
            "build",
            "--release",
            "--locked",
            "--bins",
            "--target",
            &host,
        ],
    );
    build
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", COUNTERS.join(" "));
    step("build the fuzz targets", &mut build)?;
    Ok(target.join(host).join("release"))
}

fn folder() -> PathBuf {
    root().join("fuzz")
}

/// The platform that the compiler runs on.
fn host() -> Result<String, Failure> {
    let printed = output("rustc -vV", Command::new("rustc").arg("-vV"))?;
    host_of(&String::from_utf8_lossy(&printed)).ok_or(Failure::Measurement)
}

fn host_of(printed: &str) -> Option<String> {
    let host = printed.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
}

/// Each target has a file in `fuzz/targets`, and is called as that is.
fn names() -> Result<Vec<String>, Failure> {
    let folder = folder().join("targets");
    let not_read = |cause| Failure::Read {
        path: folder.display().to_string(),
        cause,
    };
    let mut names = Vec::new();
    for file in fs::read_dir(&folder).map_err(not_read)? {
        let path = file.map_err(not_read)?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// A run from the corpus, which is not changed by it.
fn fuzzer(programs: &Path, name: &str) -> Result<Command, Failure> {
    let artifacts = folder().join("artifacts");
    let new = programs.join("corpus").join(name);
    for folder in [&artifacts, &new] {
        fs::create_dir_all(folder).map_err(|cause| Failure::Write {
            path: folder.display().to_string(),
            cause,
        })?;
    }
    let mut fuzzer = Command::new(programs.join(name));
    fuzzer
        .args(["-max_total_time=10", "-max_len=4096", "-timeout=5"])
        .arg(format!("-artifact_prefix={}/{name}-", artifacts.display()))
        .arg(new)
        .arg(folder().join("corpus").join(name))
        .stdout(Stdio::null());
    Ok(fuzzer)
}

/// Whether a run has found nothing; what it has found is printed.
fn ended(mut fuzzer: Command) -> bool {
    match fuzzer.output() {
        Ok(Output { status, .. }) if status.success() => true,
        Ok(Output { stderr, .. }) => {
            println!("{}", told(&String::from_utf8_lossy(&stderr)));
            false
        }
        Err(cause) => {
            println!("{}: {cause}", fuzzer.get_program().display());
            false
        }
    }
}

/// What a run has to say once something is found, without its progress.
fn told(printed: &str) -> String {
    let lines: Vec<_> = printed
        .lines()
        .filter(|line| !line.starts_with(['#', 'I']))
        .collect();
    lines.join("\n")
}

const COUNTERS: [&str; 7] = [
    "--cfg=fuzzing",
    "-Ccodegen-units=1",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_host_in_what_the_compiler_says_of_itself() {
        let printed =
            "rustc 1.88.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.88.0\n";

        assert_eq!(
            host_of(printed).as_deref(),
            Some("x86_64-unknown-linux-gnu")
        );
        assert_eq!(host_of("rustc 1.88.0"), None);
    }

    #[test]
    fn every_target_is_in_the_manifest_and_has_a_corpus() {
        let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        let names = names().unwrap();

        assert!(!names.is_empty());
        for name in names {
            let path = format!("path = \"targets/{name}.rs\"");
            assert!(manifest.contains(&path), "{name}");
            let corpus = fs::read_dir(folder().join("corpus").join(&name));
            assert!(corpus.unwrap().next().is_some(), "{name}");
        }
    }

    #[test]
    fn a_target_that_ends_in_a_panic_has_found_something() {
        assert!(ended(Command::new("true")));
        assert!(!ended(Command::new("false")));
        assert!(!ended(Command::new("no-such-program")));
    }

    #[test]
    fn progress_is_not_told() {
        let printed = "INFO: seed\n#2 INITED cov: 1\nthread panicked\n==1== ERROR\n";

        assert_eq!(told(printed), "thread panicked\n==1== ERROR");
    }
}
