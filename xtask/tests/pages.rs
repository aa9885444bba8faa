//! What the pages of the repository refer to exists: files, headings, chapters, log lines and tests. It needs no network.
#![expect(clippy::unwrap_used, reason = "what cannot be read cannot be checked")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::support::{listed, root};

#[path = "pages/attacks.rs"]
mod attacks;
#[path = "support/files.rs"]
mod support;

const GUIDE: &str = "docs/guide";
const IN_REPOSITORY: [&str; 2] = [
    "github.com/tower-edge/tower-edge/blob/main/",
    "raw.githubusercontent.com/tower-edge/tower-edge/main/",
];

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = read(&page);
        for (line, link) in links(&text) {
            if let Some(reason) = reason_against(&page, link) {
                broken.push(format!("{page}:{line}: {link}: {reason}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_link_to_the_repository_on_github_leads_to_a_file() {
    let mut broken = Vec::new();
    for file in files(&["*.md", "*.rs"]) {
        let text = read(&file);
        for url in text.split("https://").skip(1) {
            let path = IN_REPOSITORY.iter().find_map(|it| url.strip_prefix(it));
            let end = |c: char| c.is_whitespace() || "\"#)<>`".contains(c);
            let path = path.and_then(|path| path.split(end).next());
            broken.extend(
                path.filter(|path| !root().join(path).exists())
                    .map(|path| format!("{file}: {path}")),
            );
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_summary_lists_each_chapter_once() {
    let summary = format!("{GUIDE}/SUMMARY.md");
    let text = read(&summary);
    let listed: Vec<_> = links(&text).map(|(_, link)| link).collect();
    let unique: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(listed.len(), unique.len(), "a chapter is listed twice");

    for page in pages() {
        let chapter = page.strip_prefix(GUIDE).and_then(|it| it.strip_prefix('/'));
        // What stands in a folder is part of the chapter of its name.
        let chapter = chapter.filter(|it| !it.contains('/') && *it != "SUMMARY.md");
        assert!(
            chapter.is_none_or(|it| unique.contains(it)),
            "{page} is not in {summary}"
        );
    }
}

#[test]
fn every_log_line_in_the_guide_is_one_of_the_code() {
    let code: String = files(&["crates/*.rs"])
        .iter()
        .map(|file| without_line_breaks(&read(file)))
        .collect();
    let mut compared = 0;
    for page in pages().iter().filter(|page| page.starts_with(GUIDE)) {
        let text = read(page);
        let blocks = text.split("```log\n").skip(1);
        let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
        for line in lines {
            let (target, message) = line.split_once(": ").unwrap();
            let (_, target) = target.split_once(' ').unwrap();
            assert!(code.contains(&format!("\"{target}\"")), "{page}: {target}");
            // What stands in double quotes is a value.
            for part in message.split('"').step_by(2) {
                assert!(code.contains(part), "{page}: {part}");
            }
            compared += 1;
        }
    }
    assert!(compared > 0);
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    for (link, is_broken) in [
        ("CONTRIBUTING.md", false),
        ("CONTRIBUTING.md#run-things", false),
        ("CONTRIBUTING.md#walk", true),
        ("#what-it-costs", false),
        ("#what-it-cost", true),
        ("docs/nothing.md", true),
        ("/docs/guide/own-errors.md", true),
        ("https://docs.rs/tower-edge", false),
        (
            "https://github.com/tower-edge/tower-edge/blob/main/CONTRIBUTING.md#tests",
            false,
        ),
        (
            "https://github.com/tower-edge/tower-edge/blob/main/CONTRIBUTING.md#test",
            true,
        ),
    ] {
        let reason = reason_against("README.md", link);
        assert_eq!(reason.is_some(), is_broken, "{link}: {reason:?}");
    }
}

#[test]
fn links_are_read_outside_of_code_alone() {
    let text = "[a](b.md) `[c](d.md)`\n```\n[e](f.md)\n```\n![g](h.svg)\n\n[i]: j.md#k\n[l]: https://m.example\n";
    let found: Vec<_> = links(text).collect();
    let expected = [
        (1, "b.md"),
        (5, "h.svg"),
        (7, "j.md#k"),
        (8, "https://m.example"),
    ];
    assert_eq!(found, expected);
}

/// Why nobody can follow the link, if that is so.
fn reason_against(page: &str, link: &str) -> Option<&'static str> {
    let url = link.strip_prefix("https://");
    let in_repository = url.and_then(|url| url.strip_prefix(IN_REPOSITORY[0]));
    let is_elsewhere = ["https://", "http://", "mailto:"]
        .iter()
        .any(|it| link.starts_with(it));
    if is_elsewhere && in_repository.is_none() {
        return None;
    }
    if link.starts_with('/') {
        return Some("a link without a host is relative");
    }
    let target = in_repository.unwrap_or(link);
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(page).parent().unwrap();
    let target = match (path, in_repository) {
        ("", _) => PathBuf::from(page),
        (_, Some(_)) => PathBuf::from(path),
        _ => folder.join(path),
    };
    if in_repository.is_none() && page.starts_with(GUIDE) && path.starts_with("../../") {
        return Some("mdBook does not render what is outside of `docs`: write a URL");
    }
    let absolute = root().join(&target);
    if !absolute.exists() {
        return Some("there is no such file");
    }
    let has_headings = target.extension().is_some_and(|it| it == "md");
    if anchor.is_empty() || !has_headings {
        return None;
    }
    let text = fs::read_to_string(absolute).unwrap();
    let is_there = headings(&text).any(|heading| slug(heading) == anchor);
    (!is_there).then_some("there is no such heading")
}

/// The pages that people read in the repository.
fn pages() -> Vec<String> {
    files(&["*.md"])
}

fn files(patterns: &[&str]) -> Vec<String> {
    let mut files = listed(patterns);
    files.retain(|file| root().join(file).exists());
    files
}

/// The targets of inline links, images and reference definitions, with the numbers of their lines.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| {
        let definition = line
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "));
        let definition = definition.map(|(_, target)| target.trim());
        // Every second part is between backticks.
        let outside = line.split('`').step_by(2);
        let inline = outside.flat_map(|part| part.split("](").skip(1));
        let inline = inline.filter_map(|rest| Some(rest.split_once(')')?.0));
        definition
            .into_iter()
            .chain(inline)
            .map(move |link| (number, link))
    })
}

fn headings(text: &str) -> impl Iterator<Item = &str> {
    let lines = prose(text).map(|(_, line)| line);
    let headings = lines.filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim())
}

/// The lines outside of blocks of code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The anchor that GitHub and mdBook give a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
    });
    kept.collect()
}

/// Joins text that a backslash continues on the next line.
fn without_line_breaks(code: &str) -> String {
    let mut parts = code.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| joined + part.trim_start())
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}
