//! The rules of CONTRIBUTING.md that neither rustc, clippy nor rustfmt knows, held against every Rust file.
//!
//! The rules read lines, as rustfmt leaves them; comments do not count.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be listed cannot be checked"
)]

use std::fs;

use self::support::{listed, root};

#[path = "support/files.rs"]
mod support;

/// What tower-edge's layers are called; what two of them share stands outside of their folders.
const LAYERS: [&str; 10] = [
    "client",
    "correlation_id",
    "envelope",
    "forward",
    "http_client",
    "metrics",
    "rate_limit",
    "server",
    "timeout",
    "version_gate",
];

/// The modules that exist for features, beside those that re-export.
const FEATURE_GATED: [&str; 10] = [
    "derive",
    "error_sources",
    "expand",
    "grpc_rejection",
    "matched_path",
    "peer_addr",
    "propagation",
    "request_context",
    "serde",
    "telemetry",
];

const MAX_LINES: usize = 500;

/// Words of this project's own that the field has others for, and those.
const RETIRED: [(&str, &str); 23] = [
    ("answer", "response, or a store's decision, or Redis' reply"),
    ("answered", "responded"),
    ("answering", "responding"),
    ("answers", "responses, or responds"),
    ("asked", "called, requested"),
    ("asking", "calling, requesting"),
    ("deed", "operation"),
    ("deeds", "operations"),
    ("hear", "receive"),
    ("heard", "received"),
    ("hears", "receives"),
    ("judge", "check"),
    ("judged", "checked"),
    ("judgement", "decision"),
    ("judges", "checks"),
    ("said", "sent, written, logged"),
    ("tell", "send, log, announce, distinguish"),
    ("telling", "sending, logging"),
    ("tells", "sends, logs, announces, distinguishes"),
    ("told", "sent, logged, announced, distinguished"),
    ("unanswered", "without a response"),
    ("verdict", "decision"),
    ("whomever", "each client"),
];

/// Where the words are those of others: documents, and what is made of them.
const NOT_OURS: [&str; 2] = ["crates/tower-edge-formats/", "docs/errors/"];

#[test]
fn files_have_at_most_500_lines() {
    check(|file| {
        let lines = file.text.lines().count();
        let too_long = lines > MAX_LINES;
        too_long.then_some(lines).into_iter().collect()
    });
}

#[test]
fn lib_and_mod_files_hold_docs_mod_and_use_lines_only() {
    check(|file| {
        let is_index = ["lib.rs", "mod.rs"].contains(&file.name());
        // What stands at the margin begins an item, goes on with an attribute, or ends either.
        file.lines_where(|line| {
            let item = without_visibility(line);
            // The compiler takes a derive macro at the root of its crate alone.
            let is_macro =
                file.path.contains("-macros/src/lib.rs") && item.starts_with("fn derive");
            let is_inline = item.starts_with("mod ") && item.ends_with('{');
            let is_allowed = ["#", ")", "}", "mod ", "use "]
                .iter()
                .any(|start| item.starts_with(start));
            is_index && !line.starts_with(' ') && !is_macro && (is_inline || !is_allowed)
        })
    });
}

#[test]
fn features_are_named_in_lib_and_in_the_modules_made_for_them() {
    check(|file| {
        let Some((_, inside)) = file.in_published_crate() else {
            return Vec::new();
        };
        let may_gate = inside == "lib.rs"
            || inside == "axum/mod.rs"
            // It re-exports.
            || inside == "problem.rs"
            || inside
                .split('/')
                .any(|part| FEATURE_GATED.contains(&stem(part)));
        file.lines_where(|line| {
            line.contains("#[path") || line.contains("feature = \"") && !may_gate
        })
    });
}

#[test]
fn layers_do_not_use_each_other() {
    check(|file| {
        let Some(("tower-edge", inside)) = file.in_published_crate() else {
            return Vec::new();
        };
        let own = stem(inside);
        if !LAYERS.contains(&own) {
            return Vec::new();
        }
        let code = file.code();
        let uses = code.match_indices("crate::").filter(|(at, path)| {
            let rest = &code[at + path.len()..];
            // One name follows, or a group of them, since imports are merged by module.
            let names = rest.strip_prefix('{').map_or_else(
                || rest.split(|c| !is_of_a_word(c)).take(1).collect::<Vec<_>>(),
                |group| {
                    let end = group.find('}').unwrap_or(group.len());
                    group[..end].split(|c| !is_of_a_word(c)).collect()
                },
            );
            names
                .into_iter()
                .any(|name| LAYERS.contains(&name) && name != own)
        });
        uses.map(|(at, _)| code[..at].matches('\n').count() + 1)
            .collect()
    });
}

#[test]
fn every_layer_of_the_list_exists() {
    for layer in LAYERS {
        let folder = root().join("crates/tower-edge/src").join(layer);
        assert!(folder.is_dir(), "{layer}");
    }
}

/// cargo-fuzz runs what the manifest lists, from a corpus that may be empty.
#[test]
fn every_fuzz_target_is_in_the_manifest_and_has_a_corpus() {
    let fuzz = root().join("fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for file in fs::read_dir(fuzz.join("fuzz_targets")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();

        let entry = format!("path = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&entry), "{name} is not in the manifest");
        let corpus = fs::read_dir(fuzz.join("corpus").join(name));
        assert!(
            corpus.is_ok_and(|mut files| files.next().is_some()),
            "{name} has no corpus"
        );
    }
}

/// Under a paused clock tokio's sleep takes no time; clippy.toml disallows the one of std.
#[test]
fn no_test_sleeps() {
    check(|file| {
        let is_paused = file.text.contains("start_paused = true");
        let is_test = file.path.split('/').any(|part| part.starts_with("tests"));
        let unit_tests = file.text.lines().position(|line| line == "mod tests {");
        let tests = if is_test { Some(0) } else { unit_tests };
        let mut lines = file.lines_where(|line| !is_paused && line.contains("time::sleep"));
        lines.retain(|line| tests.is_some_and(|tests| *line > tests));
        lines
    });
}

#[test]
fn retired_words_are_in_no_comment_and_no_page() {
    let mut found = Vec::new();
    for file in files(&["*.md", "*.rs"]) {
        if NOT_OURS.iter().any(|path| file.path.starts_with(path)) {
            continue;
        }
        for (number, prose) in file.prose() {
            let words = prose.split(|c: char| !is_of_a_word(c));
            let retired = words.filter_map(|word| {
                let is_this = |(old, _): &&(&str, &str)| old.eq_ignore_ascii_case(word);
                RETIRED.iter().find(is_this)
            });
            found.extend(retired.map(|(old, new)| format!("{}:{number}: {old}: {new}", file.path)));
        }
    }
    assert!(found.is_empty(), "retired words\n{}", found.join("\n"));
}

#[test]
fn retired_words_are_in_no_name() {
    let mut found = Vec::new();
    for file in files(&["*.rs"]) {
        for (number, name) in file.names() {
            let lower = name.to_ascii_lowercase();
            let mut retired = RETIRED.iter().filter(|(old, _)| lower.contains(old));
            let retired = retired.find(|(old, _)| has_word(&name, old));
            found.extend(retired.map(|(_, new)| format!("{}:{number}: {name}: {new}", file.path)));
        }
    }
    assert!(found.is_empty(), "retired words\n{}", found.join("\n"));
}

#[test]
fn a_name_has_the_words_of_its_case() {
    for name in ["told", "is_told", "TOLD_BY", "ToldBy", "IsTold"] {
        assert!(has_word(name, "told"), "{name}");
    }
    for name in ["stolden", "un_tolded", "Toldo"] {
        assert!(!has_word(name, "told"), "{name}");
    }
}

#[test]
fn names_are_what_is_outside_of_comments_and_texts() {
    let text = "let told = \"told // \\\" told\"; // told\nlet c = '\"'; told();\n/// told\n";
    let path = "a.rs".to_owned();
    let file = File {
        path,
        text: text.to_owned(),
    };

    let names = file.names().filter(|(_, name)| name == "told");

    assert_eq!(names.map(|(line, _)| line).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn prose_is_what_is_outside_of_code() {
    let text = "/// Is told. See `told()`, [here](told.md) and <https://told.example>.\n///\n/// ```\n/// let told = 1;\n/// ```\nlet told = 1; // told\n";
    let path = "a.rs".to_owned();
    let file = File {
        path,
        text: text.to_owned(),
    };

    let prose = file.prose().map(|(_, line)| line).collect::<String>();

    assert_eq!(prose.matches("told").count(), 1, "{prose}");
}

struct File {
    path: String,
    text: String,
}

impl File {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The crate, and the path inside of its `src`.
    fn in_published_crate(&self) -> Option<(&str, &str)> {
        self.path.strip_prefix("crates/")?.split_once("/src/")
    }

    /// The text with empty lines in place of comments.
    fn code(&self) -> String {
        let lines = self.text.lines();
        lines
            .map(|line| {
                if line.trim_start().starts_with("//") {
                    ""
                } else {
                    line
                }
            })
            .fold(String::new(), |code, line| code + line + "\n")
    }

    /// The lines of a page, or of comments, without code and the targets of links.
    fn prose(&self) -> impl Iterator<Item = (usize, String)> {
        let is_page = self.path.ends_with(".md");
        let mut is_code = false;
        (1..)
            .zip(self.text.lines())
            .filter_map(move |(number, line)| {
                let line = line.trim_start();
                let prose = if is_page {
                    line
                } else {
                    line.strip_prefix("//").unwrap_or_default()
                };
                let prose = prose.trim_start_matches(['/', '!']).trim_start();
                let is_fence = prose.starts_with("```");
                // A block ends with the comment that it is in.
                is_code = (is_code ^ is_fence) && (is_page || line.starts_with("//"));
                if is_code || is_fence {
                    return None;
                }
                let outside = prose.split('`').step_by(2).collect::<String>();
                let words = outside.split_whitespace().map(|word| {
                    let is_target =
                        word.contains("://") || word.starts_with('[') && word.contains("]: ");
                    if is_target {
                        ""
                    } else {
                        word.split("](").next().unwrap_or_default()
                    }
                });
                Some((number, words.collect::<Vec<_>>().join(" ")))
            })
    }

    /// The names in lines of code, without those in texts that begin and end in one line.
    fn names(&self) -> impl Iterator<Item = (usize, String)> {
        let lines = (1..).zip(self.text.lines());
        lines.flat_map(|(number, line)| {
            let line = line.trim_start();
            let line = if line.starts_with("//") { "" } else { line };
            let (before, raw) = line.split_once("r#\"").unwrap_or((line, ""));
            let after = raw.split_once("\"#").unwrap_or_default().1;
            let line = [before, after]
                .join(" ")
                .replace("\\\\", "")
                .replace("\\\"", "")
                .replace("'\"'", "");
            let outside = line.split('"').step_by(2).collect::<Vec<_>>().join(" ");
            let code = outside.split("//").next().unwrap_or_default().to_owned();
            let words = code.split(|c: char| !is_of_a_word(c)).map(str::to_owned);
            words
                .filter(|word| !word.is_empty())
                .map(move |word| (number, word))
                .collect::<Vec<_>>()
        })
    }

    /// The numbers of the lines of code that break a rule.
    fn lines_where(&self, breaks: impl Fn(&str) -> bool) -> Vec<usize> {
        let code = self.code();
        let lines = code.lines().zip(1..);
        lines
            .filter(|(line, _)| !line.is_empty() && breaks(line))
            .map(|(_, number)| number)
            .collect()
    }
}

/// Fails with each line of each Rust file that breaks the rule.
#[track_caller]
fn check(rule: impl Fn(&File) -> Vec<usize>) {
    let mut broken = Vec::new();
    for file in files(&["*.rs"]) {
        let lines = rule(&file).into_iter();
        broken.extend(lines.map(|line| format!("{}:{line}", file.path)));
    }
    assert!(broken.is_empty(), "broken by\n{}", broken.join("\n"));
}

fn files(patterns: &[&str]) -> Vec<File> {
    let read = |path: String| {
        let text = fs::read_to_string(root().join(&path)).ok()?;
        Some(File { path, text })
    };
    listed(patterns).into_iter().filter_map(read).collect()
}

/// The first folder, or the file without its ending.
fn stem(inside: &str) -> &str {
    let first = inside.split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first)
}

fn without_visibility(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("pub") else {
        return line;
    };
    let scope = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    scope.map_or(rest, |(_, rest)| rest).trim_start()
}

/// Whether one of the words of the name, in snake or camel case, is this one.
fn has_word(name: &str, word: &str) -> bool {
    name.split('_').any(|part| {
        let is_camel = part.chars().any(char::is_lowercase);
        let starts = part.match_indices(|c: char| is_camel && c.is_uppercase());
        let mut starts: Vec<_> = starts.map(|(at, _)| at).filter(|at| *at > 0).collect();
        starts.insert(0, 0);
        starts.push(part.len());
        starts
            .windows(2)
            .any(|ends| part[ends[0]..ends[1]].eq_ignore_ascii_case(word))
    })
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
